import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Settings } from '../config/settings.js';
import { TooManyAttempts } from './accounts.errors.js';

const FAILURES = 10;
const HOUR = 3_600;

/**
 * Counts failed activations of a SIP address, whether an account has it or not: after 10 in an hour every call for it
 * is refused, the right code included (contract §4). A code of 4 digits could be guessed otherwise.
 */
@Injectable()
export class ActivationAttemptsService {
  private readonly failures = new RateLimiterMemory({ points: FAILURES, duration: HOUR });

  constructor(private readonly settings: Settings) {}

  /** @throws TooManyAttempts if the address has used up its failures. */
  async refuseIfExhausted(address: string): Promise<void> {
    const used = await this.failures.get(keyOf(address));
    const isExhausted = used !== null && used.consumedPoints >= FAILURES && used.msBeforeNext > 0;
    if (this.settings.rateLimits && isExhausted) throw tooMany(used);
  }

  /**
   * Counts an attempt as failed before it is made, so that guesses sent at the same time are counted too.
   *
   * @returns takes the count back, for an attempt that did not fail.
   * @throws TooManyAttempts.
   */
  async begin(address: string): Promise<() => Promise<void>> {
    if (!this.settings.rateLimits) return async () => {};
    try {
      await this.failures.consume(keyOf(address));
    } catch (refusal) {
      throw refusal instanceof RateLimiterRes ? tooMany(refusal) : refusal;
    }
    return async () => {
      await this.failures.reward(keyOf(address));
    };
  }
}

/** Addresses come from strangers, of any length: what is kept of one is always as long. */
function keyOf(address: string): string {
  return createHash('sha256').update(address).digest('base64');
}

function tooMany({ msBeforeNext }: RateLimiterRes): TooManyAttempts {
  return new TooManyAttempts(Math.ceil(msBeforeNext / 1000));
}
