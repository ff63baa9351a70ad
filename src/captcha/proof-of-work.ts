import { createHmac } from 'node:crypto';
import { type Challenge, createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey as deriveScryptKey } from 'altcha-lib/algorithms/scrypt';
import { z } from 'zod';
import type { Clock } from '../common/clock.js';
import { deriveKey } from '../common/secrets.js';
import { Captcha, type CaptchaAnswer, type CaptchaChallenge } from './captcha.js';

/** The field of a form that holds the answer. */
export const PROOF_OF_WORK_FIELD = 'altcha';

/**
 * One attempt takes 1 MiB of memory, and a few milliseconds in a browser. One of 256 attempts is right. Scrypt runs in
 * WebAssembly, so it needs neither TLS nor a fast machine (docs/decisions/0013).
 */
const WORK = { algorithm: 'SCRYPT', cost: 1_024, memoryCost: 8, parallelism: 1, keyLength: 32, keyPrefix: '00' };

/** Seconds for which an answer is accepted. A page may stay open for a while. */
const LIFETIME = 3_600;

/** The parts of an answer that are read before its signature is checked. */
const ANSWER = z.object({
  challenge: z.object({
    parameters: z.object({
      algorithm: z.literal(WORK.algorithm),
      nonce: z.string(),
      salt: z.string(),
      cost: z.literal(WORK.cost),
      memoryCost: z.literal(WORK.memoryCost),
      parallelism: z.literal(WORK.parallelism),
      keyLength: z.literal(WORK.keyLength),
      keyPrefix: z.literal(WORK.keyPrefix),
      expiresAt: z.number(),
    }),
    signature: z.string(),
  }),
  solution: z.object({ counter: z.int().min(0).max(0xffffffff), derivedKey: z.string() }),
});

/**
 * CAPTCHA_DRIVER=proof-of-work: the browser searches a number, which costs a program as much as a person. A challenge is
 * signed with a key of its own for each subject, so its answer is good for that subject alone, in every process.
 */
export class ProofOfWork extends Captcha {
  private readonly key: Buffer;

  constructor(
    appKey: string,
    private readonly clock: Clock,
  ) {
    super();
    this.key = deriveKey(appKey, 'proof of work');
  }

  async challenge(subject: string): Promise<CaptchaChallenge> {
    const challenge = await createChallenge({
      ...WORK,
      expiresAt: Math.floor(this.clock.in(LIFETIME).getTime() / 1000),
      deriveKey: deriveScryptKey,
      hmacSignatureSecret: this.secretOf(subject),
    });
    return { driver: 'proof-of-work', challenge: JSON.stringify(challenge) };
  }

  async isRight({ subject, fields }: CaptchaAnswer): Promise<boolean> {
    const answer = ANSWER.safeParse(parse(fields[PROOF_OF_WORK_FIELD]));
    if (!answer.success) return false;
    const { challenge, solution } = answer.data;
    if (challenge.parameters.expiresAt * 1000 <= this.clock.now().getTime()) return false;
    const { verified } = await verifySolution({
      challenge: challenge satisfies Challenge,
      solution,
      deriveKey: deriveScryptKey,
      hmacSignatureSecret: this.secretOf(subject),
    });
    return verified;
  }

  private secretOf(subject: string): string {
    return createHmac('sha256', this.key).update(subject).digest('hex');
  }
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
