import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The output folder of `npm run build`, which `npm test` runs first. */
const dist = join(__dirname, '../../dist/src');

export const SERVICE = join(dist, 'main.js');
export const CLI = join(dist, 'cli/main.js');
/** The data source of the TypeORM command line. */
export const ORMCONFIG = join(dist, '../ormconfig.js');

/** Runs a command of the built command line, in a process of its own. */
export function runCli(environment: Record<string, string>, ...words: string[]): Promise<Outcome> {
  return runNode([CLI, ...words], environment);
}

/** Runs a command with input on standard input. */
export function runCliWithInput(
  input: string,
  environment: Record<string, string>,
  ...words: string[]
): Promise<Outcome> {
  return run(process.execPath, [CLI, ...words], environment, '/', input);
}

/** Runs a command whose standard output is full. */
export function runCliOnFullDisk(environment: Record<string, string>, ...words: string[]): Promise<Outcome> {
  return run('/bin/sh', ['-c', 'exec "$0" "$@" >/dev/full', process.execPath, CLI, ...words], environment, '/');
}

/** Runs a program to its end with only this environment, outside the repository's folder. */
export function runNode(words: string[], environment: Record<string, string>, cwd = '/'): Promise<Outcome> {
  return run(process.execPath, words, environment, cwd);
}

function run(
  program: string,
  words: string[],
  environment: Record<string, string>,
  cwd: string,
  input = '',
): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...environment };
    const child = execFile(program, words, { env, cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
    // A program that reads no input may have ended already.
    child.stdin?.on('error', () => {}).end(input);
  });
}
