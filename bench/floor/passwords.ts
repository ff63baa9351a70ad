import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PasswordAlgorithm } from '../../src/database/entities/password.entity.js';
import { type DigestAlgorithm, ha1 } from '../../src/digest/ha1.js';
import { secretsEqual } from '../../src/common/secrets.js';
import { passwordChange } from './account-members.js';
import { type Access, type IdentityRow, NAMED } from './authentication.js';
import type { Database } from './database.js';
import type { Floor } from './floor.js';

interface PasswordRow extends IdentityRow {
  readonly password_id: number;
  readonly algorithm: PasswordAlgorithm;
  readonly password: string;
}

interface PasswordChangeBody {
  readonly algorithm: DigestAlgorithm;
  readonly password: string;
  readonly old_password: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller with each of its passwords. */
    floorCaller: PasswordRow[] | null;
  }
}

const COLUMNS = 'a.id, a.username, a.domain, a.activated, p.id AS password_id, p.algorithm, p.password';

const CALLER: Access = {
  byKey: `SELECT ${COLUMNS}, k.\`key\` AS api_key FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id
            LEFT JOIN api_keys k ON k.account_id = a.id ${NAMED}`,
  byDigest: `SELECT ${COLUMNS} FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id ${NAMED}`,
};

/**
 * Changes the password only if it is still the proven one, byte for byte. Of two changes at the same time, one does not
 * find the old password any more.
 */
const REPLACE = 'UPDATE passwords SET algorithm = ?, password = ? WHERE id = ? AND BINARY password = ?';
const DELETE_OTHERS = 'DELETE FROM passwords WHERE account_id = ? AND id <> ?';

/** `POST /api/accounts/me/password`. */
export function servePasswords(fastify: FastifyInstance, { answers, authentication, database }: Floor): void {
  fastify.decorateRequest('floorCaller', null);
  fastify.post<{ Body: PasswordChangeBody }>(
    '/api/accounts/me/password',
    {
      schema: { body: passwordChange },
      onRequest: async (request, reply) => {
        request.floorCaller = await authentication.callerOf<PasswordRow>(request, reply, CALLER);
        return request.floorCaller ? undefined : reply;
      },
    },
    async (request, reply) => {
      const isChanged = await change(database, passwordsOf(request), request.body);
      return isChanged ? answers.sendJson(reply, {}) : answers.refuseBarely(reply, 422);
    },
  );
}

/**
 * Replaces all passwords by one, if the old one is correct. A first password is rejected, because the service sends an
 * e-mail about it.
 */
async function change(
  database: Database,
  rows: PasswordRow[],
  { algorithm, password, old_password: old }: PasswordChangeBody,
): Promise<boolean> {
  if (!isRight(rows, old)) return false;
  // The row of the same algorithm, if there is one: the unique index allows no second one.
  const kept = rows.find((row) => row.algorithm === algorithm) ?? (rows[0] as PasswordRow);
  const values = [algorithm, ha1(algorithm, kept.username, kept.domain, password), kept.password_id, kept.password];
  if (rows.length === 1) return isMatched(await database.change(REPLACE, values));
  return database.transaction(async (run) => {
    const isReplaced = isMatched(await run(REPLACE, values));
    if (isReplaced) await run(DELETE_OTHERS, [kept.id, kept.password_id]);
    return isReplaced;
  });
}

/** The password is compared with all stored ones in constant time. */
function isRight(rows: PasswordRow[], given: string): boolean {
  const matches = rows.map(({ algorithm, username, domain, password }) =>
    secretsEqual(password, algorithm === 'CLRTXT' ? given : ha1(algorithm, username, domain, given)),
  );
  return matches.includes(true);
}

/**
 * A row that already had the value is matched but not changed. Only the info text of the server distinguishes it from a
 * missing row.
 */
function isMatched({ affectedRows, info }: { affectedRows: number; info: string }): boolean {
  return affectedRows > 0 || info.startsWith('Rows matched: 1');
}

function passwordsOf({ floorCaller }: FastifyRequest): PasswordRow[] {
  return (floorCaller ?? []).filter(({ password }) => password !== null);
}
