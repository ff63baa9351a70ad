import { finishWith, say } from './command.js';
import { contests, hold } from './contests.js';
import { Hosts } from './hosts.js';
import { Installation } from './installation.js';
import { medians, run, warmUp, type Figures } from './measure.js';
import { type Options, readOptions } from './options.js';
import { inMarkdown } from './report.js';
import { meByDigest } from './routes/reads.js';

const COUNTS = [1, 2, 4];
const ROUNDS = 25;
const RIVALS = 20;

/**
 * `npm run bench:scale`: measures the throughput of one, two and four hosts behind a proxy, and checks that contests
 * have one winner.
 */
async function scale(): Promise<void> {
  const options = readOptions(['--routes', 'me,POST accounts', '--connections', '64', ...process.argv.slice(2)]);
  const installation = await Installation.start(options.accounts, (count) => say(`${count} accounts`));
  const rows: string[][] = [];
  let wrong = 0;
  try {
    const alone = new Map<string, Figures>();
    for (const count of COUNTS) {
      const hosts = await Hosts.start(installation, count, await installation.nonceStore(options.nonceStore));
      for (const route of options.routes) {
        await warmUp(installation, hosts, route, options);
        const runs: Figures[] = [];
        for (let turn = 0; turn < options.runs; turn += 1) runs.push(await run(installation, hosts, route, options));
        const figures = medians(runs);
        if (count === 1) alone.set(route.name, figures);
        rows.push([route.name, String(count), ...cellsOf(figures, alone.get(route.name) ?? figures)]);
        say(rows.at(-1)?.join(' ') ?? '');
      }
      wrong += await contend(installation, hosts, count, options);
      await hosts.stop();
    }
  } finally {
    await installation.stop();
  }
  process.stdout.write(`${inMarkdown(['route', 'hosts', 'req/s', 'factor', 'p99 ms', 'CPU us', 'DB us'], rows)}\n`);
  if (wrong > 0) process.exitCode = 1;
}

function cellsOf({ requestsPerSecond, p99, serverCpu, databaseCpu }: Figures, alone: Figures): string[] {
  const factor = requestsPerSecond / alone.requestsPerSecond;
  return [
    requestsPerSecond.toFixed(0),
    factor.toFixed(2),
    p99.toFixed(1),
    serverCpu.toFixed(0),
    databaseCpu.toFixed(0),
  ];
}

/** The contests run under load, so that their requests do not meet an idle service. */
async function contend(installation: Installation, hosts: Hosts, count: number, options: Options): Promise<number> {
  const surroundings = installation.surroundings(hosts, RIVALS);
  const noise = run(installation, hosts, meByDigest, { ...options, connections: 8, seconds: 10 });
  let all = 0;
  for (const contest of contests) {
    const { sent, wrong } = await hold(contest, surroundings, ROUNDS, RIVALS);
    all += wrong;
    process.stdout.write(
      `${count} host(s), ${contest.name}: ${sent} requests in ${ROUNDS} rounds, ${wrong} rounds without exactly one winner\n`,
    );
  }
  await noise;
  surroundings.close();
  return all;
}

finishWith(scale);
