import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request, type Agent } from 'node:http';
import type { Exchange, Surroundings } from './exchange.js';
import { cpuTime, residentMemory } from './process-usage.js';

/** Milliseconds between two checks whether a server responds. */
const LOOK = 5;

/** A measured server in its own process: the service, or the floor. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
    /** Seconds from the start of the process to its first response. */
    readonly secondsToStart: number,
  ) {}

  /**
   * Starts a Node program and waits for its first response.
   *
   * @param environment contains PORT. Only PATH is inherited.
   * @param cwd has no `.env`.
   */
  static async start(program: string, environment: Readonly<Record<string, string>>, cwd: string): Promise<Server> {
    const started = performance.now();
    const env = { PATH: process.env.PATH, ...environment };
    const options = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');
    // Log lines are written as in production, and discarded.
    const child = spawn(process.execPath, [...options, program], { env, cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    const origin = `http://127.0.0.1:${environment.PORT}`;
    while (!(await answers(origin))) {
      if (child.exitCode !== null) throw new Error(`${program} ended with exit code ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    return new Server(child, origin, (performance.now() - started) / 1000);
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  /** MB. */
  get memory(): number {
    return residentMemory(this.pid);
  }

  /** CPU time so far in milliseconds. */
  cpuTime(): number {
    return cpuTime(this.pid);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await send(origin, { method: 'GET', path: '/api/ping' })).status === 200;
  } catch {
    return false;
  }
}

/** Sends a single request and reads its response. */
export function send(
  origin: string,
  { method, path, headers, body }: Omit<Exchange, 'isRight'>,
  agent?: Agent,
): ReturnType<Surroundings['send']> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${path}`, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: Number(response.statusCode),
          body: text,
          headers: { ...response.headers, 'www-authenticate': response.headersDistinct['www-authenticate'] },
        }),
      );
    });
    outgoing.on('error', reject).end(body);
  });
}
