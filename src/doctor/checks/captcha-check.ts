import { ProviderCaptcha } from '../../captcha/provider-captcha.js';
import type { CaptchaProviderSettings } from '../../config/outbound-settings.js';
import type { Settings } from '../../config/settings.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';
import { askExternalService } from './outbound-check.js';

/** Checks whether persons are proven, and whether the provider accepts the secret key. */
export class CaptchaCheck implements Check {
  readonly name = 'proof of a person';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { captcha, database } = this.settings;
    if (captcha.driver === 'none') {
      const message = 'a button proves a person, which a program can press';
      return database.driver === 'sqlite'
        ? [ok(message)]
        : [warning(message, 'Set CAPTCHA_DRIVER, unless only a private network reaches this service.')];
    }
    if (captcha.driver === 'proof-of-work') return [ok('the browser computes; no external service is asked')];
    return [await askExternalService(this.settings, (signal) => ask(captcha, signal), 'See the CAPTCHA_ settings.')];
  }
}

async function ask(provider: CaptchaProviderSettings, signal: AbortSignal): Promise<string> {
  await new ProviderCaptcha(provider).verifyKeys(signal);
  return `${provider.driver} answers and accepts the secret key; the first form shows whether it accepts the site key`;
}
