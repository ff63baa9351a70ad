import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { compare } from './comparison.js';
import { finishWith, say } from './command.js';
import { medians } from './measure.js';
import { readOptions } from './options.js';
import { ratioOf, toTable } from './report.js';

/** `npm run bench`: prints the cost of each route, compared with the floor, in a table. */
async function bench(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const results = await compare(options, say);
  const { accounts, seconds, runs, connections, processes, nonceStore } = options;
  const title = `${accounts} accounts, medians of ${runs} times ${seconds} s, ${connections} connections, ${processes} process(es), nonces in ${nonceStore}; ${cpus().length} cores, Node ${process.versions.node}`;
  process.stdout.write(`${title}\n\n${toTable(results, accounts)}\n`);
  if (options.json === null) return;
  const figures = results.map((result) => {
    const { service, floor, before } = result.runs;
    const of = (measured: typeof service) => (measured.length > 0 ? medians(measured) : null);
    return {
      route: result.route.name,
      ratio: ratioOf(result),
      service: of(service),
      floor: of(floor),
      before: of(before),
    };
  });
  writeFileSync(
    options.json,
    `${JSON.stringify({ accounts, seconds, runs, connections, processes, nonceStore, figures }, null, 2)}\n`,
  );
}

finishWith(bench);
