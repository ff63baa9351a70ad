import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PasswordAlgorithm } from '../../src/database/entities/password.entity.js';
import { challengeHeaders } from '../../src/digest/challenge.js';
import { type DigestAuthorization, parseDigestAuthorization } from '../../src/digest/digest-authorization.js';
import { isRightResponse } from '../../src/digest/digest-response.js';
import { offeredAlgorithms, storedHa1 } from '../../src/digest/stored-password.js';
import { SignedNonces } from '../../src/auth/nonces/signed-nonces.js';
import { deriveKey, secretsEqual } from '../../src/common/secrets.js';
import { parseFrom, type SipAddress } from '../../src/common/sip/sip-address.js';
import { type Answers, type Refusal, refusals } from './answers.js';
import type { Database } from './database.js';
import { spend } from './nonces.js';
import type { FloorSettings } from './settings.js';

/**
 * The identity of an account with one of its passwords. Every statement of {@link Access} selects at least these
 * columns.
 */
export interface IdentityRow {
  readonly id: number;
  readonly username: string;
  readonly domain: string;
  readonly activated: number;
}

interface KeyRow extends IdentityRow {
  readonly api_key: string | null;
}

interface PasswordRow extends IdentityRow {
  readonly algorithm: PasswordAlgorithm | null;
  readonly password: string | null;
}

/** The statements that read what a route needs about its caller, by authentication method. */
export interface Access {
  readonly byKey: string;
  readonly byDigest: string;
}

/** Uses the unique index. The code compares the found names byte for byte afterwards. */
export const NAMED = 'WHERE a.username = ? AND a.domain = ?';

/** For routes that need only the identity of the caller. */
export const IDENTITY: Access = {
  byKey: `SELECT a.id, a.username, a.domain, a.activated, k.\`key\` AS api_key
            FROM accounts a LEFT JOIN api_keys k ON k.account_id = a.id ${NAMED}`,
  byDigest: `SELECT a.id, a.username, a.domain, a.activated, p.algorithm, p.password
               FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id ${NAMED}`,
};

interface AdministratorRow extends IdentityRow {
  readonly admin_id: number | null;
}

const ADMINISTRATOR: Access = {
  byKey: `SELECT a.id, a.username, a.domain, a.activated, k.\`key\` AS api_key, m.id AS admin_id
            FROM accounts a LEFT JOIN api_keys k ON k.account_id = a.id LEFT JOIN admins m ON m.account_id = a.id ${NAMED}`,
  byDigest: `SELECT a.id, a.username, a.domain, a.activated, p.algorithm, p.password, m.id AS admin_id
               FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id LEFT JOIN admins m ON m.account_id = a.id ${NAMED}`,
};

/** Authenticates the caller with one read and, for Digest, one write. */
export class Authentication {
  private readonly nonces: SignedNonces;
  private readonly opaque: string;

  constructor(
    private readonly settings: FloorSettings,
    private readonly database: Database,
    private readonly answers: Answers,
  ) {
    this.nonces = new SignedNonces(settings.appKey, settings.nonceLifetime);
    this.opaque = deriveKey(settings.appKey, 'digest opaque').toString('hex').slice(0, 32);
  }

  /**
   * The rows of the caller, who is authenticated and activated.
   *
   * @returns null if the call was rejected; its response was then sent.
   */
  async callerOf<Row extends IdentityRow>(
    request: FastifyRequest,
    reply: FastifyReply,
    access: Access,
  ): Promise<Row[] | null> {
    const { from, 'x-api-key': key, authorization } = request.headers;
    const address = from === undefined ? null : parseFrom(from);
    if (!address) return this.refuseBarely(reply, 422);
    if (key !== undefined) return this.byKey<Row & KeyRow>(reply, address, String(key), access);
    if (authorization !== undefined)
      return this.byDigest<Row & PasswordRow>(request, reply, address, authorization, access);
    return this.challenge(reply, address, refusals.authenticationRequired);
  }

  /** The caller, who is an administrator; null as for {@link callerOf}. */
  async administratorOf(request: FastifyRequest, reply: FastifyReply): Promise<IdentityRow | null> {
    const [caller] = (await this.callerOf<AdministratorRow>(request, reply, ADMINISTRATOR)) ?? [];
    if (!caller) return null;
    return caller.admin_id === null ? this.refuse(reply, refusals.adminRequired) : caller;
  }

  private async byKey<Row extends KeyRow>(
    reply: FastifyReply,
    address: SipAddress,
    key: string,
    access: Access,
  ): Promise<Row[] | null> {
    const rows = await this.find<Row>(address, access.byKey);
    const [account] = rows;
    if (!account) return this.refuse(reply, refusals.accountNotFound);
    const isRight = secretsEqual(account.api_key ?? '', key) && key !== '';
    if (!isRight) return this.challenge(reply, address, refusals.credentialsInvalid);
    return account.activated ? rows : this.refuse(reply, refusals.notActivated);
  }

  private async byDigest<Row extends PasswordRow>(
    request: FastifyRequest,
    reply: FastifyReply,
    address: SipAddress,
    header: string,
    access: Access,
  ): Promise<Row[] | null> {
    const rows = await this.find<Row>(address, access.byDigest);
    const [account] = rows;
    if (!account) return this.refuse(reply, refusals.accountNotFound);
    // Node decodes every byte as one character, but names are UTF-8.
    const answer = parseDigestAuthorization(Buffer.from(header, 'latin1').toString());
    if (!answer || !this.isFor(request, answer, account))
      return this.challengeWith(reply, rows, refusals.credentialsInvalid);

    const verdict = this.nonces.verify(answer.nonce, holder(account), new Date());
    if (verdict === 'foreign') return this.challengeWith(reply, rows, refusals.nonceInvalid);
    const ha1 = storedHa1(passwordsOf(rows), answer.algorithm, account.username, answer.realm);
    const isRight = ha1 !== null && isRightResponse(ha1, request.method, answer);
    if (verdict === 'expired') return this.challengeWith(reply, rows, refusals.nonceInvalid, isRight);
    if (!isRight) return this.challengeWith(reply, rows, refusals.credentialsInvalid);
    const spending = await spend(this.database, account.id, answer.nonce, Number.parseInt(answer.nc, 16));
    if (spending === 'orphaned') return this.refuse(reply, refusals.accountNotFound);
    if (spending === 'replayed') return this.challengeWith(reply, rows, refusals.nonceReplayed, true);
    if (!account.activated) return this.refuse(reply, refusals.notActivated);
    this.offer(reply, rows, answer.nonce);
    return rows;
  }

  /** The index finds names that the collation considers equal. Only a name with the same bytes counts. */
  private async find<Row extends IdentityRow>({ username, domain }: SipAddress, statement: string): Promise<Row[]> {
    const rows = await this.database.rows<Row>(statement, [username, domain]);
    return rows[0]?.username === username && rows[0].domain === domain ? rows : [];
  }

  private isFor({ originalUrl }: FastifyRequest, answer: DigestAuthorization, account: IdentityRow): boolean {
    return (
      answer.username === account.username &&
      answer.realm === account.domain &&
      (answer.opaque === undefined || answer.opaque === this.opaque) &&
      (answer.uri === originalUrl || answer.uri === this.settings.publicPath + originalUrl)
    );
  }

  private async challenge(reply: FastifyReply, address: SipAddress, refusal: Refusal): Promise<null> {
    const rows = await this.find<PasswordRow>(address, IDENTITY.byDigest);
    return rows.length > 0 ? this.challengeWith(reply, rows, refusal) : this.refuse(reply, refusals.accountNotFound);
  }

  private challengeWith(reply: FastifyReply, rows: readonly PasswordRow[], refusal: Refusal, stale = false): null {
    const [account] = rows as [PasswordRow];
    this.offer(reply, rows, this.nonces.create(holder(account), new Date()), stale);
    return this.refuse(reply, refusal);
  }

  private offer(reply: FastifyReply, rows: readonly PasswordRow[], nonce: string, stale = false): void {
    const [{ domain: realm }] = rows as [PasswordRow];
    const algorithms = offeredAlgorithms(passwordsOf(rows));
    reply.header('www-authenticate', challengeHeaders({ realm, algorithms, nonce, opaque: this.opaque, stale }));
  }

  private refuse(reply: FastifyReply, refusal: Refusal): null {
    this.answers.refuse(reply, refusal);
    return null;
  }

  private refuseBarely(reply: FastifyReply, status: number): null {
    this.answers.refuseBarely(reply, status);
    return null;
  }
}

/** The realm of an account is its domain; the floor has no ACCOUNT_REALM. */
function holder({ id, domain }: IdentityRow): { accountId: number; realm: string } {
  return { accountId: id, realm: domain };
}

function passwordsOf(rows: readonly PasswordRow[]): { algorithm: PasswordAlgorithm; password: string }[] {
  const passwords: { algorithm: PasswordAlgorithm; password: string }[] = [];
  for (const { algorithm, password } of rows) {
    if (algorithm !== null && password !== null) passwords.push({ algorithm, password });
  }
  return passwords;
}
