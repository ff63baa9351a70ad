import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const answers = new WeakMap<Socket, ServerResponse>();

/** Makes {@link answerUnderWay} work. */
export function trackAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    answers.set(raw.socket, reply.raw);
    done();
  });
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    answers.delete(raw.socket);
    done();
  });
}

/** The answer that a connection waits for. Undefined if the headers of a request have not arrived on it. */
export function answerUnderWay(socket: Socket): ServerResponse | undefined {
  return answers.get(socket);
}
