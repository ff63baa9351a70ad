import { randomInt } from 'node:crypto';

function size(name: string, usual: number): number {
  const text = process.env[name] ?? '';
  if (text === '') return usual;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a whole number from 1 to 999999999`);
  return Number(text);
}

/**
 * The number of attempts of the attacks in this folder, on each database. The default takes about a minute. A long run
 * sets the variables, like `SECURITY_FUZZ_INPUTS=200000 SECURITY_REPLAYS=20000 npm run test:security`.
 */
export const sizes = {
  /** Requests that the fuzzer generates. */
  fuzzInputs: size('SECURITY_FUZZ_INPUTS', 5_000),
  /** Captured Digest calls that are sent again, in each file that does so. */
  replays: size('SECURITY_REPLAYS', 1_500),
  /** Rounds of each race. */
  raceRounds: size('SECURITY_RACE_ROUNDS', 2),
  /**
   * How often a process is killed while it delivers messages of every kind. `SECURITY_DELIVERY_CRASHES=200` takes half
   * an hour or more.
   */
  deliveryCrashes: size('SECURITY_DELIVERY_CRASHES', 8),
  /** The seed of all random values. To repeat a run, set the seed that it has printed. */
  seed: size('SECURITY_SEED', randomInt(1, 1_000_000_000)),
};

/** Prints one line with the numbers of a group of attacks, beside the results of the tests. */
export function report(group: string, counts: Record<string, number | string>): void {
  const list = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`security, ${globalThis.TEST_DATABASE}, ${group}: ${list.join(', ')}\n`);
}
