import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Finding } from '../../src/doctor/finding.js';
import { CLI, type Outcome } from './cli.js';

export interface Diagnosis extends Outcome {
  status: string;
  findings: Finding[];
}

interface Circumstances {
  /** The input on standard input. */
  input?: string;
  /** The user that runs it; only root can choose one. */
  uid?: number;
}

/** Runs the doctor to its end in its own process, outside the repository's folder. */
export async function diagnose(
  environment: Record<string, string>,
  words: string[] = [],
  { input = '', uid }: Circumstances = {},
): Promise<Diagnosis> {
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(process.execPath, [CLI, 'doctor', '--json', ...words], {
    env,
    cwd: '/',
    uid,
    gid: uid,
    timeout: 60_000,
  });
  // A run that reads no password may have ended already.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (!stdout.startsWith('{')) throw new Error(`the doctor ended with exit code ${code}: ${stderr}${stdout}`);
  return { code: code ?? -1, stdout, stderr, ...(JSON.parse(stdout) as Pick<Diagnosis, 'status' | 'findings'>) };
}

/** The findings of one check, each as `level: message`. */
export function found({ findings }: Diagnosis, check: string): string[] {
  return findings.filter((finding) => finding.check === check).map(({ level, message }) => `${level}: ${message}`);
}
