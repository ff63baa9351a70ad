import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  private readonly open = new Set<Socket>();
  private readonly busy = new Set<Socket>();

  /** @param fastify must not be ready yet. */
  constructor(fastify: FastifyInstance) {
    fastify.server.on('connection', (socket: Socket) => {
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
   * Ends those on which no request is under way. Node ends only those that have had one: a connection on which nothing was
   * ever said, or half a request, would keep a closing server open for ever.
   */
  endIdle(): void {
    for (const socket of this.open) if (!this.busy.has(socket)) socket.destroy();
  }
}
