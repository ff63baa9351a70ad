import { Captcha, type CaptchaChallenge } from './captcha.js';

/** CAPTCHA_DRIVER=none: the button of the form is the proof. It works without scripts. */
export class NoCaptcha extends Captcha {
  async challenge(): Promise<CaptchaChallenge> {
    return { driver: 'none' };
  }

  async isRight(): Promise<boolean> {
    return true;
  }
}
