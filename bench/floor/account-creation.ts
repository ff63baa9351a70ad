import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AdminAccountDto } from '../../src/admin/dto/admin-account.dto.js';
import { type DigestAlgorithm, ha1 } from '../../src/digest/ha1.js';
import { sourceAddress } from '../../src/common/source-address.js';
import { randomAlphanumeric } from '../../src/common/random.js';
import { isSipDomain } from '../../src/common/sip/sip-address.js';
import { adminMembers, newAccount, tokenMembers } from './account-members.js';
import { iso } from './account-rows.js';
import { type Database, dateTime, isDuplicate, now } from './database.js';
import type { Floor } from './floor.js';

interface NewAccountBody {
  readonly username: string;
  readonly password: string;
  readonly algorithm: DigestAlgorithm;
  readonly domain?: string | null;
}

interface AdminBody extends NewAccountBody {
  readonly email?: string | null;
  readonly activated?: boolean | number | string | null;
  readonly admin?: boolean | number | string | null;
  readonly confirmation_key_expires?: string | null;
}

interface TokenBody extends NewAccountBody {
  readonly token: string;
}

/** An account without its id. */
type NewAccount = Omit<AdminAccountDto, 'id'>;

/** The User-Agent that the service stores for a client without one. */
const APPLICATION = 'Flexisip API';
/** Lifetime of a token in milliseconds. */
const TOKEN_LIFETIME = 86_400_000;

const INSERT_ACCOUNT = `
  INSERT INTO accounts (username, domain, email, activated, confirmation_key, ip_address, user_agent, creation_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_PASSWORD = 'INSERT INTO passwords (account_id, algorithm, password) VALUES (?, ?, ?)';
const INSERT_ADMIN = 'INSERT INTO admins (account_id, created_at, updated_at) VALUES (?, ?, ?)';
const INSERT_EXPIRATION =
  'INSERT INTO activation_expirations (account_id, expires, created_at, updated_at) VALUES (?, ?, ?, ?)';
/** The index finds the token. The comparison of its bytes decides. */
const REDEEM =
  'UPDATE tokens SET used = 1, updated_at = ? WHERE token = ? AND BINARY token = ? AND used = 0 AND created_at > ?';

class TokenInvalid extends Error {}

/** `POST /api/accounts` and `POST /api/accounts/with-token`. */
export function serveAccountCreation(fastify: FastifyInstance, floor: Floor): void {
  const { answers, authentication, database, settings } = floor;

  fastify.post<{ Body: AdminBody }>(
    '/api/accounts',
    {
      schema: { body: { type: 'object', ...newAccount, properties: { ...newAccount.properties, ...adminMembers } } },
      // This runs before the body is checked, so that strangers do not learn its rules.
      onRequest: async (request, reply) => ((await authentication.administratorOf(request, reply)) ? undefined : reply),
    },
    async (request, reply) => {
      const { body } = request;
      const domain = body.domain ?? settings.sipDomains[0];
      if (!isSipDomain(domain)) return answers.refuseBarely(reply, 422);
      const account = byAdministrator(body, domain, request);
      return create(reply, floor, () => database.transaction((change) => insert(change, account, body)));
    },
  );

  fastify.post<{ Body: TokenBody }>(
    '/api/accounts/with-token',
    {
      schema: {
        body: {
          type: 'object',
          required: [...newAccount.required, 'token'],
          properties: { ...newAccount.properties, ...tokenMembers },
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const domain = body.domain ?? settings.sipDomains[0];
      if (!settings.sipDomains.includes(domain)) return answers.refuseBarely(reply, 422);
      const account = describe(body, domain, request);
      return create(reply, floor, () =>
        database.transaction(async (change) => {
          await redeem(change, body.token);
          const { confirmation_key: _secret, ...shown } = await insert(change, account, body);
          return shown;
        }),
      );
    },
  );
}

async function create(reply: FastifyReply, { answers }: Floor, work: () => Promise<object>): Promise<FastifyReply> {
  try {
    return answers.sendJson(reply, await work());
  } catch (error) {
    if (error instanceof TokenInvalid || isDuplicate(error)) return answers.refuseBarely(reply, 422);
    throw error;
  }
}

async function redeem(change: Database['change'], token: string): Promise<void> {
  const { affectedRows } = await change(REDEEM, [now(), token, token, dateTime(Date.now() - TOKEN_LIFETIME)]);
  if (affectedRows === 0) throw new TokenInvalid();
}

/** The rows are not read back: strict mode rejects every value that does not fit. */
async function insert(
  change: Database['change'],
  account: NewAccount,
  { algorithm, password }: NewAccountBody,
): Promise<AdminAccountDto> {
  const { username, domain, creation_time: moment, confirmation_key_expires: expires } = account;
  const { insertId: id } = await change(INSERT_ACCOUNT, [
    username,
    domain,
    account.email,
    account.activated ? 1 : 0,
    account.confirmation_key,
    account.ip_address,
    account.user_agent,
    moment,
  ]);
  await change(INSERT_PASSWORD, [id, algorithm, ha1(algorithm, username, domain, password)]);
  if (account.admin) await change(INSERT_ADMIN, [id, moment, moment]);
  if (expires !== null) await change(INSERT_EXPIRATION, [id, expires, moment, moment]);
  return { id, ...account };
}

function byAdministrator(body: AdminBody, domain: string, request: FastifyRequest): NewAccount {
  const activated = isTrue(body.activated);
  return {
    ...describe(body, domain, request),
    email: body.email ?? null,
    activated,
    admin: isTrue(body.admin),
    confirmation_key_expires: activated ? null : (body.confirmation_key_expires ?? null),
    confirmation_key: activated ? null : randomAlphanumeric(13),
  };
}

function describe({ username, algorithm }: NewAccountBody, domain: string, request: FastifyRequest): NewAccount {
  const moment = now();
  return {
    username,
    domain,
    email: null,
    activated: false,
    admin: false,
    ip_address: sourceAddress(request),
    user_agent: (request.headers['user-agent'] || APPLICATION).slice(0, 256),
    creation_time: moment,
    realm: null,
    phone: null,
    confirmation_key_expires: null,
    passwords: [{ algorithm }],
    email_changed: null,
    display_name: null,
    dtmf_protocol: null,
    blocked: false,
    sip_uri: `sip:${username}@${domain}`,
    created_at: iso(moment),
    updated_at: iso(moment),
    dictionary: {},
    types: [],
    actions: [],
    email_change_code: null,
    phone_change_code: null,
    confirmation_key: null,
  };
}

function isTrue(given: unknown): boolean {
  return given === true || given === 1 || given === '1';
}
