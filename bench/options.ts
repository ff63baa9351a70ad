import { parseArgs } from 'node:util';
import type { Route } from './exchange.js';
import { routes } from './routes/index.js';

const USAGE = `npm run bench -- [options]
  --accounts N      accounts in the database, 10000 by default
  --seconds N       of each measurement, 5 by default
  --runs N          measurements of each route, of which the medians count, 3 by default
  --connections N   32 by default
  --routes TEXT     only routes whose name has this, by commas: "me,info"
  --nonce-store S   database (default), redis or memory
  --processes N     of the service (WEB_CONCURRENCY), 1 by default
  --without-floor   measures no floor
  --before FILE     measures another build too, by its dist/src/main.js
  --json FILE       writes the figures to a file too`;

export interface Options {
  readonly accounts: number;
  readonly seconds: number;
  readonly runs: number;
  readonly connections: number;
  readonly routes: readonly Route[];
  readonly nonceStore: string;
  readonly processes: number;
  readonly hasFloor: boolean;
  /** The program of another build to compare with. */
  readonly before: string | null;
  /** The file that receives the figures. */
  readonly json: string | null;
}

/** Parses the command line. For invalid arguments it prints the usage and ends the process. */
export function readOptions(commandLine: readonly string[]): Options {
  try {
    return toOptions(commandLine);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

function toOptions(commandLine: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      accounts: text,
      seconds: text,
      runs: text,
      connections: text,
      routes: text,
      'nonce-store': text,
      processes: text,
      'without-floor': { type: 'boolean' },
      before: text,
      json: text,
    },
  });
  const wanted = (values.routes ?? '').toLowerCase().split(',');
  const chosen = routes.filter(({ name }) => wanted.some((part) => name.toLowerCase().includes(part.trim())));
  if (chosen.length === 0)
    throw new Error(`There is no such route; there are: ${routes.map(({ name }) => name).join('; ')}`);
  return {
    accounts: wholeNumber('accounts', values.accounts, 10_000, 100),
    seconds: wholeNumber('seconds', values.seconds, 5),
    runs: wholeNumber('runs', values.runs, 3),
    connections: wholeNumber('connections', values.connections, 32),
    processes: wholeNumber('processes', values.processes, 1),
    routes: chosen,
    nonceStore: values['nonce-store'] ?? 'database',
    hasFloor: values['without-floor'] !== true,
    before: values.before ?? null,
    json: values.json ?? null,
  };
}

function wholeNumber(name: string, given: string | undefined, initial: number, least = 1): number {
  const value = given === undefined ? initial : Number(given);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} must be a whole number from ${least}`);
  return value;
}
