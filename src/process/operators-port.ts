import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { parseRequestTarget } from '../http/request-target.js';
import type { Settings } from '../config/settings.js';
import { exposition, type Reports } from './reports.js';
import { CannotListen } from './startup-errors.js';

/**
 * Serves `/metrics`, and `/health/ready` with details, on METRICS_PORT. They are for operators: any client that reaches
 * the port may read them, and the public port does not have them.
 */
export async function serveOperators(
  { host, port }: NonNullable<Settings['metrics']>,
  reports: Reports,
  logger: Logger,
): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'no-store');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const path = parseRequestTarget(request.url ?? '')?.path.split('?', 1)[0];
    answer(path, reports, response).catch((error: unknown) => {
      logger.error({ error }, 'The operators’ port could not answer a request');
      response.writeHead(500).end();
    });
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CannotListen(host, port, error);
  }
  const { port: actualPort } = server.address() as AddressInfo;
  logger.info(`Metrics on http://${host.includes(':') ? `[${host}]` : host}:${actualPort}/metrics`);
  return server;
}

async function answer(path: string | undefined, reports: Reports, response: ServerResponse): Promise<void> {
  if (path === '/metrics') {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(await exposition(await reports.metrics()));
  } else if (path === '/health/ready') {
    const processes = await reports.health();
    const isReady = processes.length > 0 && processes.every(({ status }) => status === 'ok');
    response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: isReady ? 'ok' : 'unavailable', processes }));
  } else {
    response.writeHead(404).end();
  }
}
