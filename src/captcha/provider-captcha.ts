import type { CaptchaProviderSettings } from '../config/outbound-settings.js';
import { errorWord, exchange, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { Captcha, type CaptchaAnswer, type CaptchaChallenge } from './captcha.js';

type Provider = CaptchaProviderSettings['driver'];

/** The field that the script of the provider adds to a form. */
const FIELDS: Readonly<Record<Provider, string>> = {
  hcaptcha: 'h-captcha-response',
  turnstile: 'cf-turnstile-response',
};

/** The longest answer that is passed on. Those of hCaptcha have some thousand characters. */
const LONGEST = 16_384;

/** Errors that concern the answer of the person. All others concern the keys, or the provider. */
const ERRORS_OF_ANSWER = new Set([
  'missing-input-response',
  'invalid-input-response',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
  'timeout-or-duplicate',
]);

/**
 * CAPTCHA_DRIVER=hcaptcha and turnstile: a provider proves the person on the page, and tells this service so. Both have
 * the same protocol. The provider accepts an answer once.
 */
export class ProviderCaptcha extends Captcha {
  private readonly name: string;

  constructor(private readonly settings: CaptchaProviderSettings) {
    super();
    this.name = `the captcha provider ${settings.verifyUrl}`;
  }

  async challenge(): Promise<CaptchaChallenge> {
    const { driver, siteKey } = this.settings;
    return { driver, siteKey };
  }

  async isRight({ fields }: CaptchaAnswer, signal: AbortSignal): Promise<boolean> {
    const response = fields[FIELDS[this.settings.driver]];
    if (typeof response !== 'string' || response === '' || response.length > LONGEST) return false;
    const { isRight, errors } = this.read(await this.ask(response, signal));
    if (isRight) return true;
    if (errors.length > 0 && errors.every((error) => ERRORS_OF_ANSWER.has(error))) return false;
    throw new OutboundCallFailed(this.name, `refused${wordOf(errors)}`);
  }

  /**
   * Asks the provider about an answer that nobody gave, which proves the secret key.
   *
   * @throws OutboundCallFailed.
   */
  async verifyKeys(signal: AbortSignal): Promise<void> {
    const { isRight, errors } = this.read(await this.ask('none', signal));
    if (isRight || errors.some((error) => ERRORS_OF_ANSWER.has(error))) return;
    throw new OutboundCallFailed(this.name, `refused${wordOf(errors)}`);
  }

  private ask(response: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { driver, secretKey: secret, siteKey, verifyUrl } = this.settings;
    const form = new URLSearchParams({ secret, response, ...(driver === 'hcaptcha' && { sitekey: siteKey }) });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return exchange(this.name, verifyUrl, { method: 'POST', headers, body: form.toString() }, signal);
  }

  /** Turnstile answers 400 to some wrong answers, so the body decides. */
  private read(answer: HttpAnswer): { isRight: boolean; errors: readonly string[] } {
    const { success, 'error-codes': codes = [] } = (parseJson(answer) ?? {}) as {
      success?: unknown;
      'error-codes'?: unknown;
    };
    if (typeof success !== 'boolean' || !Array.isArray(codes))
      throw new OutboundCallFailed(this.name, `answered ${answer.status} without a verdict`);
    return { isRight: success && answer.status === 200, errors: codes.map(String) };
  }
}

/** The first error, if it is a word: the answer could quote the request. */
function wordOf([error = '']: readonly string[]): string {
  return errorWord(error.replaceAll('-', '_'));
}
