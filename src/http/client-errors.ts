import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ErrorBody } from './errors/error-body.dto.js';
import { answerUnderWay } from './answers-under-way.js';
import { BadRequest } from './http.errors.js';

/** Milliseconds between the answer and the end of the connection. */
const CLOSE_DELAY = 1_000;

/**
 * Answers a request that Node cannot parse as HTTP, in the form of every other error (protocol §1), and closes the
 * connection. No route, hook or log line of ours has seen the request.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = answerUnderWay(socket);
  if (answer?.req.complete) {
    // Bytes after a good request do not affect its answer. The connection ends after the answer.
    answer.once('close', () => socket.destroySoon());
    return;
  }
  refuse(socket);
}

/**
 * Refuses CONNECT, the only method whose target is a host with a port (RFC 9112 §3.2.3). Node would close the
 * connection without an answer.
 */
export function refuseTunnels({ server }: FastifyInstance): void {
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    refuse(socket);
  });
}

function refuse(socket: Socket): void {
  const refusal = new BadRequest();
  const status = refusal.status;
  const body = JSON.stringify(ErrorBody.from(refusal));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `x-request-id: ${randomUUID()}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // The client gets time to read the answer. Without this limit, a client that continues to send would keep the
  // connection.
  setTimeout(() => socket.destroy(), CLOSE_DELAY).unref();
}
