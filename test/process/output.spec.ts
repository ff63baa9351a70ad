import autocannon from 'autocannon';
import { type ChildProcess, execFileSync, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CLI, SERVICE } from '../support/cli.js';
import { closeConnections, sendRequest } from '../support/http.js';
import { until } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';

// Thousands of calls, on machines that do other things as well.
jest.setTimeout(180_000);

/** Log lines of these calls are some 220 bytes each: together more than a pipe and the outputs of two processes hold. */
const CALLS = 12_000;

/** More than half of what waits, in characters, and less than all of it. */
const MUCH = 700_000;

describe('The service', () => {
  let folder: string;
  let origin: string;
  let operators: string;
  let environment: Record<string, string>;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-output-'));
    const [port, metricsPort] = [await freePort(), await freePort()];
    origin = `http://127.0.0.1:${port}`;
    operators = `http://127.0.0.1:${metricsPort}`;
    environment = { PORT: String(port), METRICS_PORT: String(metricsPort), RATE_LIMITS: 'off' };
  });
  afterEach(async () => {
    closeConnections();
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  /** Starts the service with these standard streams, and waits until it answers. */
  async function start(
    stdio: StdioOptions,
    more: Record<string, string> = {},
    command = [process.execPath, SERVICE],
  ): Promise<ChildProcess> {
    const [program = '', ...words] = command;
    const env = { PATH: process.env.PATH, ...environment, ...more };
    const started = spawn(program, words, { env, cwd: folder, stdio });
    child = started;
    await until(async () => (await statusOf('/health/ready')) === 200);
    return started;
  }

  const statusOf = async (path: string) =>
    sendRequest(origin, { path, headers: { connection: 'close' } }).then(
      ({ status }) => status,
      () => null,
    );

  /** Makes calls whose log lines are long. */
  const callOften = (letter = 'x') =>
    autocannon({
      url: `${origin}/api/ping`,
      amount: CALLS,
      connections: 10,
      headers: { 'x-request-id': letter.repeat(64) },
    });

  const droppedLines = async () => {
    const { text: metrics } = await sendRequest(operators, { path: '/metrics', headers: { connection: 'close' } });
    return Number(/^flexisip_api_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1]);
  };

  const expectAnswers = async () => {
    const { non2xx, errors, timeouts, '2xx': answered } = await callOften();
    expect({ answered, non2xx, errors, timeouts }).toEqual({ answered: CALLS, non2xx: 0, errors: 0, timeouts: 0 });
    expect(await statusOf('/health/live')).toBe(200);
  };

  const stop = async (started: ChildProcess) => {
    const ended = once(started, 'exit');
    started.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  };

  /** A named pipe of which this process has both ends. */
  function createPipe() {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    const readAll = (): string => {
      const chunk = Buffer.alloc(65_536);
      let all = '';
      try {
        for (let length = 1; length > 0;) {
          length = readSync(reader, chunk);
          all += chunk.toString('latin1', 0, length);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      return all;
    };
    return { path, reader, writer, readAll };
  }

  it.each(['json', 'pretty'])(
    'goes on on a full disk, with LOG_FORMAT=%s: messages and the log are dropped and counted',
    async (LOG_FORMAT) => {
      const disk = openSync('/dev/full', 'w');
      const started = await start(['ignore', disk, disk], { LOG_FORMAT });
      const body = JSON.stringify({ pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' });
      const headers = { 'content-type': 'application/json' };
      expect(await sendRequest(origin, { method: 'POST', path: '/api/tokens', headers, body })).toMatchObject({
        status: 200,
      });
      await expectAnswers();
      expect(await droppedLines()).toBeGreaterThan(100);
      await stop(started);
      closeSync(disk);
    },
  );

  it.each([1, 2])(
    'goes on while the reader of a pipe has stopped, and says later what was dropped, with %d processes',
    async (processes) => {
      const pipe = createPipe();
      const started = await start(['ignore', pipe.writer, 'ignore'], { WEB_CONCURRENCY: String(processes) });
      await expectAnswers();
      const dropped = await droppedLines();
      expect(dropped).toBeGreaterThan(100);

      let all = '';
      const told = () => [
        ...all.matchAll(
          /"lines":(\d+),"reason":"EAGAIN","msg":"\1 lines of output were dropped: their reader had stopped"/g,
        ),
      ];
      const sum = () => told().reduce((lines, [, more]) => lines + Number(more), 0);
      await until(() => {
        all += pipe.readAll();
        // Each process that has dropped lines says so.
        return sum() >= dropped;
      });
      const lines = all.split('\n').filter((line) => line !== '');
      const requests = lines.filter(
        (line) => line.startsWith('{"level":30,') && line.endsWith('"msg":"request"}') && line.includes('/api/ping'),
      );
      const whole = lines.filter((line) => /^\{.*\}$/.test(line) && JSON.parse(line) !== null);
      // Beside the calls, the probes and the start were logged; first starts print their administrator as well.
      expect(lines.length - whole.length).toBeLessThan(10);
      expect(requests.length + sum()).toBeGreaterThanOrEqual(CALLS);
      expect(requests.length + sum()).toBeLessThan(CALLS + 50);

      await sendRequest(origin, {
        path: '/api/ping',
        headers: { 'x-request-id': 'after-the-loss', connection: 'close' },
      });
      await until(() => (all += pipe.readAll()).includes('after-the-loss'));
      expect(sum()).toBe(await droppedLines());
      await stop(started);
      for (const end of [pipe.reader, pipe.writer]) closeSync(end);
    },
  );

  it('goes on while the reader of a socket has stopped, as the journal of systemd may, and ends when it is told to', async () => {
    const started = await start(['ignore', 'pipe', 'pipe']);
    await expectAnswers();
    expect(await droppedLines()).toBeGreaterThan(100);
    await stop(started);
  });

  it('goes on when one of its processes ends while the reader of their socket has stopped', async () => {
    const started = await start(['ignore', 'pipe', 'pipe'], { WEB_CONCURRENCY: '2' });
    await until(() => childrenOf(started).length === 2);
    await expectAnswers();
    expect(await droppedLines()).toBeGreaterThan(100);
    const [ended = 0, survivor = 0] = childrenOf(started);
    process.kill(ended, 'SIGKILL');
    // The fork of another process makes the socket that all of them share blocking again.
    await until(() => childrenOf(started).length === 2 && !childrenOf(started).includes(ended));
    await expectAnswers();
    expect(childrenOf(started)).toContain(survivor);
    expect(await droppedLines()).toBeGreaterThan(100);
    await stop(started);
  });

  it('says what was dropped before all that waits is written, where lines keep coming faster than they are read', async () => {
    const pipe = createPipe();
    const started = await start(['ignore', pipe.writer, 'ignore']);
    await callOften('a');
    expect(await droppedLines()).toBeGreaterThan(100);
    let all = '';
    await until(() => (all += pipe.readAll()).length > MUCH);
    await callOften('b');
    await until(() => (all += pipe.readAll()).includes('lines of output were dropped'));
    await until(async () => {
      all += pipe.readAll();
      const told = [...all.matchAll(/"lines":(\d+),/g)].reduce((sum, [, lines]) => sum + Number(lines), 0);
      return told === (await droppedLines());
    });
    const lines = all.split('\n');
    expect(lines.findIndex((line) => line.includes('lines of output were dropped'))).toBeLessThan(
      lines.findLastIndex((line) => line.includes('bbbb')),
    );
    await stop(started);
    for (const end of [pipe.reader, pipe.writer]) closeSync(end);
  });

  it('goes on where a terminal is stopped', async () => {
    const command = ['script', '-qec', `exec ${process.execPath} ${SERVICE}`, '/dev/null'];
    await start(['pipe', 'pipe', 'ignore'], {}, command);
    await expectAnswers();
    expect(await droppedLines()).toBeGreaterThan(100);
  });

  it('goes on after the reader of a pipe has gone', async () => {
    const pipe = createPipe();
    const started = await start(['ignore', pipe.writer, pipe.writer]);
    for (const end of [pipe.reader, pipe.writer]) closeSync(end);
    await expectAnswers();
    expect(await droppedLines()).toBeGreaterThan(100);
    await stop(started);
  });

  it('says why it cannot start to a reader that comes late, and ends where there is none', async () => {
    const wrong = { PATH: process.env.PATH, PORT: 'none' };
    const run = (stderr: number) =>
      spawn(process.execPath, [SERVICE], { env: wrong, cwd: folder, stdio: ['ignore', 'ignore', stderr] });

    const disk = openSync('/dev/full', 'w');
    expect(await once(run(disk), 'exit')).toEqual([1, null]);
    closeSync(disk);

    const pipe = createPipe();
    // Leaves no room in the pipe.
    execFileSync('sh', ['-c', 'dd if=/dev/zero bs=65536 count=1 status=none >&3'], {
      stdio: ['ignore', 'ignore', 'ignore', pipe.writer],
    });
    const late = run(pipe.writer);
    const ended = once(late, 'exit');
    // It has tried once: from now on it waits for the reader, not for long.
    await until(() => descriptorsOf(late, pipe.path) > 1);
    let all = '';
    await until(() => (all += pipe.readAll()).includes('PORT: '));
    expect(await ended).toEqual([1, null]);
    for (const end of [pipe.reader, pipe.writer]) closeSync(end);
  });
});

/** The ids of the processes that a process has started. */
function childrenOf({ pid }: ChildProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** How many descriptors of a file a process has. */
function descriptorsOf({ pid }: ChildProcess, path: string): number {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).filter((name) => readlinkSync(join(folder, name)) === path).length;
  } catch {
    // One was closed meanwhile, or the process has ended.
    return 0;
  }
}

it('A command does its work where nobody can read its progress', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-command-'));
  const disk = openSync('/dev/full', 'w');
  const env = { PATH: process.env.PATH, DB_DATABASE: join(folder, 'a.sqlite') };
  const child = spawn(process.execPath, [CLI, 'accounts:create-admin', 'operator'], {
    env,
    stdio: ['ignore', 'pipe', disk],
  });
  const [stdout, ended] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(ended).toEqual([0, null]);
  expect(stdout).toContain('operator@');
  closeSync(disk);
  rmSync(folder, { recursive: true });
});
