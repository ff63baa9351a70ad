import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** Milliseconds without a new connection after which nobody waits to be let in, and for which is waited for that at most. */
const QUIET = 20;
const LONGEST_WAIT = 500;

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  private readonly open = new Set<Socket>();
  private readonly busy = new Set<Socket>();
  private accepted = 0;

  /** @param fastify must not be ready yet. */
  constructor(fastify: FastifyInstance) {
    fastify.server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.open.add(socket);
      socket.once('close', () => {
        this.open.delete(socket);
        this.busy.delete(socket);
      });
    });
    fastify.addHook('onRequest', (request, _reply, done) => {
      this.busy.add(request.raw.socket);
      done();
    });
    fastify.addHook('onResponse', (request, _reply, done) => {
      this.busy.delete(request.raw.socket);
      done();
    });
  }

  /**
   * Waits until all are let in that have connected already: the system would reset them when a server stops to listen,
   * with the requests they have sent.
   */
  async untilNobodyWaits(): Promise<void> {
    const deadline = performance.now() + LONGEST_WAIT;
    for (let before = -1; before !== this.accepted && performance.now() < deadline;) {
      before = this.accepted;
      await pause(QUIET);
    }
  }

  /**
   * Ends those on which no request is under way. Node ends only those that have had one: a connection on which nothing was
   * ever said, or half a request, would keep a closing server open for ever.
   */
  endIdle(): void {
    for (const socket of this.open) if (!this.busy.has(socket)) socket.destroy();
  }
}
