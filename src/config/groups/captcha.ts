import type { CaptchaSettings } from '../outbound-settings.js';
import { chosenWithMysql, type IsGiven, required, type SettingGroup, type ValuesOf } from '../setting.js';
import type { database } from './database.js';
import { baseUrl, oneOf, word } from '../variable-kinds.js';

export const captcha = {
  title: 'Proof of a person',
  settings: {
    CAPTCHA_DRIVER: {
      schema: oneOf(['none', 'proof-of-work', 'hcaptcha', 'turnstile']).default('proof-of-work'),
      text:
        'How pages prove a person, such as the page that an app opens before it creates an account (docs/captcha.md): ' +
        '`none` shows a button, `proof-of-work` lets the browser compute for some seconds, ' +
        '`hcaptcha` and `turnstile` (Cloudflare) ask a provider.',
      required: chosenWithMysql('the way to prove a person is a decision of the operator'),
    },
    CAPTCHA_SITE_KEY: {
      schema: word.optional(),
      text: 'The key of the site at hCaptcha or Turnstile, which pages show.',
    },
    CAPTCHA_SECRET_KEY: {
      schema: word.optional(),
      text: 'The secret key at hCaptcha or Turnstile.',
      secret: true,
    },
    HCAPTCHA_VERIFY_URL: {
      schema: baseUrl.default('https://api.hcaptcha.com/siteverify'),
      text: 'Where answers are verified.',
      with: 'CAPTCHA_DRIVER=hcaptcha',
    },
    TURNSTILE_VERIFY_URL: {
      schema: baseUrl.default('https://challenges.cloudflare.com/turnstile/v0/siteverify'),
      text: 'Where answers are verified.',
      with: 'CAPTCHA_DRIVER=turnstile',
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof captcha.settings & typeof database.settings>;

export function captchaSettings(values: Values): CaptchaSettings {
  const driver = values.CAPTCHA_DRIVER;
  if (driver === 'none' || driver === 'proof-of-work') return { driver };
  return {
    driver,
    siteKey: required(values.CAPTCHA_SITE_KEY),
    secretKey: required(values.CAPTCHA_SECRET_KEY),
    verifyUrl: { hcaptcha: values.HCAPTCHA_VERIFY_URL, turnstile: values.TURNSTILE_VERIFY_URL }[driver],
  };
}

/** Two drivers need the keys, so a declaration of one driver cannot say it. */
export function captchaMistakes(values: Partial<Values>, isGiven: IsGiven): string[] {
  const { CAPTCHA_DRIVER: driver } = values;
  const keys = ['CAPTCHA_SITE_KEY', 'CAPTCHA_SECRET_KEY'] as const;
  if (driver === 'hcaptcha' || driver === 'turnstile')
    return keys.filter((key) => !isGiven(key)).map((key) => `${key}: is required with CAPTCHA_DRIVER=${driver}`);
  const given = keys.find((key) => isGiven(key) && values[key] !== undefined);
  // The keys show that a provider is meant. They may stay for later use beside a driver that is chosen.
  return given === undefined || isGiven('CAPTCHA_DRIVER') || values.DB_DRIVER === 'mysql'
    ? []
    : [`CAPTCHA_DRIVER: must be chosen, since ${given} is given and has no effect without it`];
}
