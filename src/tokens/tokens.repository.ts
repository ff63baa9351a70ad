import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { toFlag, toId } from '../database/columns/column-values.js';
import { constantStatement } from '../database/constant-statement.js';
import { dialectOf } from '../database/dialect.js';
import { Token, type TokenOrigin, type TokenUse } from '../database/entities/token.entity.js';
import { readPrepared, writePrepared } from '../database/prepared.js';
import type { PushTarget } from '../push/push-sender.js';

const TEXT = `
  SELECT id, token, origin, used, used_by, account_id, expires, created_at, pn_provider, pn_param, pn_prid FROM tokens
   WHERE token IN (?, ?)`;
const FIND = constantStatement(TEXT);
const FIND_LOCKED = { mysql: constantStatement(`${TEXT} FOR UPDATE`), sqlite: FIND };
const SPEND = constantStatement(`
  UPDATE tokens SET used = 1, used_by = ?, account_id = ?, updated_at = ?
   WHERE id = ? AND used = 0 AND (expires > ? OR (expires IS NULL AND created_at > ?))`);
const FIND_UNUSED = constantStatement(`
  SELECT token, expires FROM tokens WHERE id = ? AND origin = 'request' AND used = 0 AND expires > ?`);
const PASS_ON = constantStatement('UPDATE tokens SET account_id = ?, updated_at = ? WHERE id = ?');

interface Row {
  id: number | string;
  token: string;
  origin: TokenOrigin | null;
  used: unknown;
  used_by: TokenUse | null;
  account_id: number | string | null;
  expires: string | null;
  created_at: string | null;
  pn_provider: string;
  pn_param: string;
  pn_prid: string;
}

/** The device of a token that was not pushed. The columns of 2021 take no NULL. */
const NO_DEVICE: Readonly<Record<keyof PushTarget, string>> = { pnProvider: '', pnParam: '', pnPrid: '' };

/** The id of a row. MySQL returns large ids as text. */
export type RowId = number | string;

/** The account that a token was used for, and the route that did so. */
export interface Use {
  readonly by: TokenUse;
  readonly accountId: number;
}

/** A stored account creation token. */
export interface StoredToken {
  readonly id: RowId;
  readonly origin: TokenOrigin | null;
  readonly isUsed: boolean;
  readonly usedBy: TokenUse | null;
  /** The account that the token was used for, while it exists. */
  readonly accountId: number | null;
  readonly expires: Date;
  /** The push parameters; empty if the token was not pushed. */
  readonly device: Readonly<Record<keyof PushTarget, string>>;
}

/** A token to store. */
export interface NewToken {
  readonly device: PushTarget | null;
  /** The token as it is stored: {@link storedForm}. */
  readonly stored: string;
  /** Null for a token of `POST /tokens`. */
  readonly origin: TokenOrigin | null;
  /** Null if the age of the token decides. */
  readonly expires: Date | null;
  /** The use of a token that is used before it is stored. */
  readonly use: Use | null;
}

/** The statements on `tokens`. Each runs in the transaction of its caller. */
@Injectable()
export class TokensRepository {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds a token, used or not. Returns null if there is none.
   *
   * @param isLocked whether the row is locked until the transaction ends. The search then also sees rows that other
   * transactions committed since this one began.
   */
  async find(manager: EntityManager, token: string, { isLocked }: { isLocked: boolean }): Promise<StoredToken | null> {
    const statement = isLocked ? FIND_LOCKED[dialectOf(manager.dataSource)] : FIND;
    const rows = await readPrepared<Row>(manager, statement, [token, hashOf(token)]);
    // The collation of the database may match a different text, so the rows are compared again here.
    const row = rows.find((candidate) => candidate.token === storedForm(candidate.origin, token));
    return row ? this.toToken(row) : null;
  }

  /**
   * Marks a token as used. Of concurrent calls, exactly one succeeds.
   *
   * @returns false if the token is already used, or has expired.
   */
  async spend(manager: EntityManager, { id }: Pick<StoredToken, 'id'>, { by, accountId }: Use): Promise<boolean> {
    const now = formatDateTime(this.clock.now());
    const values = [by, accountId, now, id, now, formatDateTime(this.oldestValid())];
    return (await writePrepared(manager, SPEND, values)).affected === 1;
  }

  /**
   * Finds a token that was drawn for a request token, and that can still be used. It is stored in clear text, so its
   * answer can be repeated. Returns null if there is none.
   */
  async findUnusedOfRequest(manager: EntityManager, id: RowId): Promise<{ token: string; expires: Date } | null> {
    const values = [id, formatDateTime(this.clock.now())];
    const [row] = await readPrepared<Pick<Row, 'token' | 'expires'>>(manager, FIND_UNUSED, values);
    const expires = parseDateTime(row?.expires ?? null);
    return row && expires ? { token: row.token, expires } : null;
  }

  /** Gives a used token to the account that replaces the one that it was used for. */
  async passOn(manager: EntityManager, { id }: StoredToken, accountId: number): Promise<void> {
    await writePrepared(manager, PASS_ON, [accountId, formatDateTime(this.clock.now()), id]);
  }

  /** @returns the id of the row. */
  async insert(manager: EntityManager, { device, stored, origin, expires, use }: NewToken): Promise<RowId> {
    const now = this.clock.now();
    const { identifiers } = await manager.insert(Token, {
      ...(device ?? NO_DEVICE),
      token: stored,
      origin,
      expires,
      used: use !== null,
      usedBy: use?.by ?? null,
      accountId: use?.accountId ?? null,
      createdAt: now,
      updatedAt: now,
    });
    return (identifiers[0] as { id: RowId }).id;
  }

  /**
   * Finds all tokens of a device. The collation of the database may ignore case, but push parameters differ in case. So
   * the rows are compared again here.
   */
  async ofDevice(manager: EntityManager, device: PushTarget): Promise<Token[]> {
    const tokens = await manager.find(Token, { where: { ...device }, order: { id: 'ASC' } });
    return tokens.filter(
      // Equivalent mutant `(pnParam`: the statement compares the provider, and providers differ in more than case.
      ({ pnProvider, pnParam, pnPrid }) =>
        pnProvider === device.pnProvider && pnParam === device.pnParam && pnPrid === device.pnPrid,
    );
  }

  /** Whether a token is still accepted at its age. */
  isExpired({ expires, createdAt }: Pick<Token, 'expires' | 'createdAt'>): boolean {
    return this.endOf(expires, createdAt) <= this.clock.now();
  }

  /** A token without an end of its own is accepted for TOKEN_LIFETIME. If its age is unknown, it has expired. */
  private endOf(expires: Date | null, created: Date | null): Date {
    return expires ?? new Date(created === null ? 0 : created.getTime() + this.settings.tokenLifetime * 1000);
  }

  /** Tokens created at this moment or earlier have expired, if they have no end of their own. */
  private oldestValid(): Date {
    return this.clock.in(-this.settings.tokenLifetime);
  }

  private toToken(row: Row): StoredToken {
    return {
      id: row.id,
      origin: row.origin,
      isUsed: toFlag(row.used),
      usedBy: row.used_by,
      accountId: row.account_id === null ? null : toId(row.account_id),
      expires: this.endOf(parseDateTime(row.expires), parseDateTime(row.created_at)),
      device: { pnProvider: row.pn_provider, pnParam: row.pn_param, pnPrid: row.pn_prid },
    };
  }
}

/** The text that is stored for a token. An invitation is never sent again, so only its hash is stored. */
export function storedForm(origin: TokenOrigin | null, token: string): string {
  return origin === 'invitation' ? hashOf(token) : token;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
