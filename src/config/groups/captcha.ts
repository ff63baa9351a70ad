import type { CaptchaSettings } from '../outbound-settings.js';
import { chosenWithMysql, type SettingGroup, type ValuesOf } from '../setting.js';
import { oneOf } from '../variable-kinds.js';

export const captcha = {
  title: 'Proof of a person',
  settings: {
    CAPTCHA_DRIVER: {
      schema: oneOf(['none']).default('none'),
      text: 'How the page that an app opens before it creates an account proves a person: `none` shows a button.',
      required: chosenWithMysql('the way to prove a person is a decision of the operator'),
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof captcha.settings>;

export function captchaSettings(values: Values): CaptchaSettings {
  return { driver: values.CAPTCHA_DRIVER };
}
