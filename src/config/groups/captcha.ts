import type { CaptchaSettings } from '../outbound-settings.js';
import { chosenWithMysql, type SettingGroup, type ValuesOf } from '../setting.js';
import { oneOf } from '../variable-kinds.js';

export const captcha = {
  title: 'Proof of a person',
  settings: {
    CAPTCHA_DRIVER: {
      schema: oneOf(['none', 'proof-of-work']).default('proof-of-work'),
      text:
        'How pages prove a person, such as the page that an app opens before it creates an account (docs/captcha.md): ' +
        '`none` shows a button, `proof-of-work` lets the browser compute for some seconds.',
      required: chosenWithMysql('the way to prove a person is a decision of the operator'),
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof captcha.settings>;

export function captchaSettings(values: Values): CaptchaSettings {
  return { driver: values.CAPTCHA_DRIVER };
}
