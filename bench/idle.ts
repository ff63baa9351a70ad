import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { finishWith, say } from './command.js';
import { Installation, PROGRAMS } from './installation.js';
import { type Figures, medians, run, warmUp } from './measure.js';
import { readOptions } from './options.js';
import { inMarkdown } from './report.js';
import type { Server } from './server.js';

/** The number of devices that keep an idle connection. */
const IDLE = 2_000;
/** Connections that are opened at once. The backlog of a listening socket holds 511. */
const TOGETHER = 100;

/**
 * `npm run bench:idle`: measures the cost of idle connections for requests on other connections. Takes the options of
 * `npm run bench`.
 */
async function measureIdle(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const installation = await Installation.start(options.accounts, (count) => say(`${count} accounts`));
  try {
    const server = await installation.server(PROGRAMS.service);
    const rows: string[][] = [];
    for (const route of options.routes) {
      const without: Figures[] = [];
      const beside: Figures[] = [];
      await warmUp(installation, server, route, options);
      for (let turn = 0; turn < options.runs; turn += 1) {
        without.push(await run(installation, server, route, options));
        const idle = await openIdle(server);
        beside.push(await run(installation, server, route, options));
        await closeAll(idle);
      }
      const [alone, crowded] = [medians(without), medians(beside)];
      rows.push([
        route.name,
        alone.p99.toFixed(1),
        crowded.p99.toFixed(1),
        (crowded.p99 / alone.p99).toFixed(2),
        crowded.memory.toFixed(0),
      ]);
    }
    await server.stop();
    process.stdout.write(`${inMarkdown(['route', 'p99 ms', `p99 ms beside ${IDLE} idle`, 'ratio', 'MB'], rows)}\n`);
  } finally {
    await installation.stop();
  }
}

/** Connections with one completed request each. */
async function openIdle({ origin }: Server): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < IDLE)
    sockets.push(...(await Promise.all(Array.from({ length: TOGETHER }, () => openOne(new URL(origin))))));
  return sockets;
}

async function openOne({ hostname, port }: URL): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.write(`GET /api/ping HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString().startsWith('HTTP/1.1 200'))
    throw new Error(`an idle connection was answered: ${answer.toString()}`);
  return socket;
}

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  if (sockets.some(({ destroyed }) => destroyed)) throw new Error('an idle connection was closed meanwhile');
  const closed = sockets.map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

finishWith(measureIdle);
