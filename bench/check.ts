import { compare } from './comparison.js';
import { finishWith, say } from './command.js';
import { type Options, readOptions } from './options.js';
import { leastRatioOf, type Result } from './report.js';

/**
 * The highest allowed ratio of CPU time per request to that of the floor. The goal is 2; the rest allows for noisy
 * machines.
 */
const MOST_RATIO = 2.5;
/** The highest allowed resident memory in MB after all routes. From Node 24 on, the young generation is larger. */
const MOST_MEMORY = Number.parseInt(process.versions.node, 10) >= 24 ? 400 : 280;

/** A few routes, each with its own path through the code. The check is short enough to run with every change. */
const EXTENT = ['--accounts', '10000', '--runs', '2', '--seconds', '1', '--routes'];
const ROUTES = 'info,me,challenge,page 1,POST accounts,password';

/** `npm run bench:check`: fails if the service has become much slower than the floor, or much larger. */
async function check(): Promise<void> {
  const options: Options = readOptions([...EXTENT, ROUTES]);
  const results = await compare(options, say);
  const faults = results.flatMap(faultsOf);
  for (const fault of faults) say(`Too slow: ${fault}`);
  const memory = Math.max(...results.flatMap(({ runs }) => runs.service.map((figures) => figures.memory)));
  if (memory > MOST_MEMORY) say(`Too large: ${memory.toFixed(0)} MB, ${MOST_MEMORY} MB are allowed`);
  process.exitCode = faults.length > 0 || memory > MOST_MEMORY ? 1 : 0;
  process.stdout.write(
    `${results.map(({ route }) => route.name).join('; ')}: ${process.exitCode === 0 ? 'as it should be' : 'not as it should be'}\n`,
  );
}

function faultsOf(result: Result): string[] {
  const ratio = leastRatioOf(result) ?? Infinity;
  say(`${result.route.name}: ${ratio.toFixed(2)} times the floor`);
  return ratio > MOST_RATIO
    ? [`${result.route.name} takes ${ratio.toFixed(2)} times the floor's CPU, ${MOST_RATIO} are allowed`]
    : [];
}

finishWith(check);
