import type { FastifyInstance } from 'fastify';
import { parseSipPath } from '../../src/common/sip/sip-address.js';
import { ACCOUNT_COLUMNS, ACCOUNT_JOINS, type AccountRow, toAccount } from './account-rows.js';
import { refusals } from './answers.js';
import { type Access, type IdentityRow, NAMED } from './authentication.js';
import type { Floor } from './floor.js';

const INFO = `SELECT a.username, a.domain, a.activated FROM accounts a ${NAMED}`;

/** The read that authenticates the caller also returns everything that the route shows. */
const ME: Access = {
  byKey: `SELECT ${ACCOUNT_COLUMNS}, k.\`key\` AS api_key FROM accounts a ${ACCOUNT_JOINS} LEFT JOIN api_keys k ON k.account_id = a.id ${NAMED}`,
  byDigest: `SELECT ${ACCOUNT_COLUMNS}, p.password FROM accounts a ${ACCOUNT_JOINS} ${NAMED}`,
};

/** `GET /api/ping`, `GET /api/accounts/{sip}/info` and `GET /api/accounts/me`. */
export function serveAccounts(fastify: FastifyInstance, { answers, authentication, database }: Floor): void {
  fastify.get('/api/ping', (_request, reply) => answers.sendText(reply, 'pong'));

  fastify.get<{ Params: { sip: string } }>('/api/accounts/:sip/info', async (request, reply) => {
    const address = parseSipPath(request.params.sip);
    if (!address) return answers.refuse(reply, refusals.accountNotFound);
    const [account] = await database.rows<IdentityRow>(INFO, [address.username, address.domain]);
    if (account?.username !== address.username || account.domain !== address.domain)
      return answers.refuse(reply, refusals.accountNotFound);
    return answers.sendJson(reply, { activated: account.activated !== 0, realm: null });
  });

  fastify.get('/api/accounts/me', async (request, reply) => {
    const rows = await authentication.callerOf<AccountRow>(request, reply, ME);
    return rows ? answers.sendJson(reply, toAccount(rows)) : reply;
  });
}
