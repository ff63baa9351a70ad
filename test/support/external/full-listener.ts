import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Relays every connection to the same port of 127.0.0.1, once it runs. */
const PROGRAM = `
const { connect, createServer } = require('node:net');
const [host, port] = process.argv.slice(1);
const server = createServer((client) => {
  const far = connect(Number(port), '127.0.0.1');
  for (const socket of [client, far]) socket.on('error', () => undefined);
  client.pipe(far).pipe(client);
});
server.listen({ host, port: Number(port), backlog: 1 }, () => console.log('listening'));
`;

/** Milliseconds within which the loopback interface connects, if it does. */
const AT_ONCE = 200;

/**
 * An address that does not respond to connection attempts, like one behind a firewall: its program is stopped and its
 * queue is full. Linux drops the further attempts, and a client retries after a second.
 */
export class FullListener {
  private readonly queued: Socket[] = [];

  private constructor(private readonly child: ChildProcess) {}

  static async start(host: string, port: number): Promise<FullListener> {
    const child = spawn(process.execPath, ['-e', PROGRAM, host, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout as NodeJS.EventEmitter, 'data');
    child.kill('SIGSTOP');
    const listener = new FullListener(child);
    while (await listener.takesAnother(host, port)) continue;
    return listener;
  }

  /** Empties the queue. From now on it relays connections to the same port of 127.0.0.1. */
  answer(): void {
    for (const socket of this.queued.splice(0)) socket.destroy();
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    for (const socket of this.queued.splice(0)) socket.destroy();
  }

  private takesAnother(host: string, port: number): Promise<boolean> {
    const socket = connect(port, host).on('error', () => undefined);
    this.queued.push(socket);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), AT_ONCE);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
