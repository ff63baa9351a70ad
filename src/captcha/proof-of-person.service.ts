import { Injectable, Logger } from '@nestjs/common';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { Captcha, type CaptchaAnswer, type CaptchaChallenge } from './captcha.js';
import { CaptchaUnavailable, PersonNotProven } from './captcha.errors.js';

/**
 * Proves that a form is sent by a person (contract-2x §3), in the way that CAPTCHA_DRIVER names. Any form can ask for
 * it.
 */
@Injectable()
export class ProofOfPerson {
  private readonly logger = new Logger(ProofOfPerson.name);

  constructor(
    private readonly captcha: Captcha,
    private readonly outbound: OutboundCalls,
  ) {}

  /**
   * Returns the challenge for one form.
   *
   * @param subject what the proof is for, such as a token. An answer is accepted for this subject alone, and until it
   * expires any number of times. So a form whose effect must happen once needs a subject that is used up.
   */
  challenge(subject: string): Promise<CaptchaChallenge> {
    return this.captcha.challenge(subject);
  }

  /**
   * Checks a submitted form.
   *
   * @throws PersonNotProven, CaptchaUnavailable.
   */
  async check(answer: CaptchaAnswer): Promise<void> {
    if (!(await this.isRight(answer))) throw new PersonNotProven();
  }

  private async isRight(answer: CaptchaAnswer): Promise<boolean> {
    try {
      return await this.outbound.ask('captcha', (signal) => this.captcha.isRight(answer, signal));
    } catch (error) {
      if (!(error instanceof OutboundCallFailed)) throw error;
      this.logger.error(`A person was not proven. ${error.message}`);
      throw new CaptchaUnavailable();
    }
  }
}
