import { randomInt } from 'node:crypto';

function size(name: string, usual: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return usual;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a whole number from 1 to 999999999`);
  return Number(text);
}

/**
 * How much the attacks of this folder try, on each database. What is usual takes about a minute; a long run sets the
 * variables, like `SECURITY_FUZZ_INPUTS=200000 SECURITY_REPLAYS=20000 npm run test:security`.
 */
export const sizes = {
  /** Requests made up by the fuzzer. */
  fuzzInputs: size('SECURITY_FUZZ_INPUTS', 5_000),
  /** Captured Digest calls that are sent again, in each file that does so. */
  replays: size('SECURITY_REPLAYS', 1_500),
  /** How often each race is run. */
  raceRounds: size('SECURITY_RACE_ROUNDS', 2),
  /** How often a process is killed while it delivers messages of every kind: `SECURITY_DELIVERY_CRASHES=200` takes half an hour and more. */
  deliveryCrashes: size('SECURITY_DELIVERY_CRASHES', 8),
  /** What everything made up follows from: a run is repeated by giving the seed it has printed. */
  seed: size('SECURITY_SEED', randomInt(1, 1_000_000_000)),
};

/** Says in one line what a group of attacks has tried, beside the results of the tests. */
export function report(group: string, counts: Record<string, number | string>): void {
  const list = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`security, ${globalThis.TEST_DATABASE}, ${group}: ${list.join(', ')}\n`);
}
