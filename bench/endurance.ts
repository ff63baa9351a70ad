import { finishWith, say } from './command.js';
import { Installation, PROGRAMS } from './installation.js';
import { run } from './measure.js';
import { readOptions } from './options.js';
import { inMarkdown } from './report.js';

/** Seconds of one measurement. */
const MINUTE = 60;

/**
 * `npm run bench:endurance`: shows memory over ten minutes of the realistic mix. `--runs` sets another number of runs.
 */
async function endure(): Promise<void> {
  const options = readOptions(['--runs', '10', '--routes', 'mix', ...process.argv.slice(2)]);
  const installation = await Installation.start(options.accounts, (count) => say(`${count} accounts`));
  try {
    const server = await installation.server(PROGRAMS.service);
    const rows = [['at start', '', '', server.memory.toFixed(0)]];
    for (let minute = 1; minute <= options.runs; minute += 1) {
      for (const route of options.routes) {
        const { requestsPerSecond, p99, memory } = await run(installation, server, route, {
          ...options,
          seconds: MINUTE,
        });
        rows.push([`minute ${minute}`, requestsPerSecond.toFixed(0), p99.toFixed(1), memory.toFixed(0)]);
        say(rows.at(-1)?.join(' ') ?? '');
      }
    }
    await server.stop();
    process.stdout.write(`${inMarkdown(['realistic mix', 'req/s', 'p99 ms', 'MB'], rows)}\n`);
  } finally {
    await installation.stop();
  }
}

finishWith(endure);
