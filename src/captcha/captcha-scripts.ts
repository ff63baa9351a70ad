import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A script of pages with CAPTCHA_DRIVER=proof-of-work. */
export interface CaptchaScript {
  readonly content: Buffer;
  /** Changes with the content, so browsers may cache each version forever. */
  readonly version: string;
}

/** The worker of ALTCHA. Its package exports the file to bundlers alone, so it is found beside one that it exports. */
const WORKER = join(dirname(require.resolve('altcha/altcha.css')), '../workers/scrypt.js');

/** The script that sends a form with the answer, and the worker that it starts. */
export const PROOF_OF_WORK_SCRIPTS = {
  page: read(join(__dirname, 'browser/proof-of-work.js')),
  worker: read(WORKER),
} as const;

function read(file: string): CaptchaScript {
  const content = readFileSync(file);
  return { content, version: createHash('sha256').update(content).digest('hex').slice(0, 12) };
}
