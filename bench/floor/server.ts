import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import createFastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { serveAccountCreation } from './account-creation.js';
import { serveAccountList } from './account-list.js';
import { serveAccounts } from './accounts.js';
import { serveDevices } from './devices.js';
import { createFloor, type Floor } from './floor.js';
import { servePasswords } from './passwords.js';
import { readSettings } from './settings.js';

/** Largest body in bytes, as in the service. */
const BODY_LIMIT = 65_536;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Headers that must not occur twice, because another program may have used the other one. */
const SINGLE = new Set(['host', 'content-type', 'from', 'authorization']);

/**
 * The floor that the service is compared with: the measured routes on bare Fastify and prepared statements of mysql2.
 * It does the least work that gives the same response after the same checks. It has no limits, logs, metrics, pages,
 * documents, time-outs, SQLite or realms, and wrong input may get only a status. It needs a database that the service
 * has migrated, and never purges a nonce.
 */
function createServer(floor: Floor): FastifyInstance {
  const fastify = createFastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    genReqId: requestId,
    exposeHeadRoutes: false,
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    routerOptions: { maxParamLength: 1024 },
    // Members are never coerced, and unknown members are ignored.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
  });
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    if (isAmbiguous(raw.rawHeaders)) floor.answers.refuseBarely(reply, 400);
    else done();
  });
  fastify.setErrorHandler<FastifyError>((error, _request, reply) =>
    floor.answers.refuseBarely(reply, error.validation ? 422 : (error.statusCode ?? 500)),
  );
  serveAccounts(fastify, floor);
  serveDevices(fastify, floor);
  servePasswords(fastify, floor);
  serveAccountCreation(fastify, floor);
  serveAccountList(fastify, floor);
  return fastify;
}

function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Node keeps only the first of them in `headers`. */
function isAmbiguous(rawHeaders: readonly string[]): boolean {
  let seen: Set<string> | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = String(rawHeaders[index]).toLowerCase();
    if (!SINGLE.has(name)) continue;
    seen ??= new Set();
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}

async function start(): Promise<void> {
  const floor = createFloor(readSettings(process.env));
  const fastify = createServer(floor);
  process.once('SIGTERM', () => {
    void fastify.close().then(() => floor.database.end());
  });
  await fastify.listen({ host: floor.settings.host, port: floor.settings.port });
  process.stdout.write('listening\n');
}

void start();
