import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { randomAlphanumeric } from '../common/random.js';
import { toId } from '../database/columns/column-values.js';
import { formatDateTime, parseDateTime } from '../database/columns/utc-date-time.js';
import { constantStatement } from '../database/constant-statement.js';
import { dialectOf } from '../database/dialect.js';
import { OneTimeToken, type TokenKind } from '../database/entities/one-time-token.entity.js';
import { readPrepared, writePrepared } from '../database/prepared.js';
import { Statements } from '../database/statements.service.js';
import type { DrawnToken } from './drawn-token.js';
import type { RowId } from './tokens.repository.js';

const TEXT = `
  SELECT id, account_id, creation_token_id, expires, validated, used FROM flexisip_api_tokens WHERE hash = ? AND kind = ?`;
const FIND = constantStatement(TEXT);
const FIND_LOCKED = { mysql: constantStatement(`${TEXT} FOR UPDATE`), sqlite: FIND };

/** The condition of every change: the token is not used, and not expired. */
const VALID = 'WHERE id = ? AND used IS NULL AND expires > ?';
const SPEND = constantStatement(`UPDATE flexisip_api_tokens SET used = ?, creation_token_id = ? ${VALID}`);
const VALIDATE = constantStatement(`UPDATE flexisip_api_tokens SET validated = ? ${VALID} AND validated IS NULL`);
const ATTACH = constantStatement(`UPDATE flexisip_api_tokens SET account_id = ? ${VALID} AND account_id IS NULL`);
const REMOVE = constantStatement('DELETE FROM flexisip_api_tokens WHERE id = ?');

interface Row {
  id: number | string;
  account_id: number | string | null;
  creation_token_id: number | string | null;
  expires: string;
  validated: string | null;
  used: string | null;
}

/** A stored token, used or not. */
export interface StoredOneTimeToken {
  readonly id: RowId;
  readonly accountId: number | null;
  readonly creationTokenId: RowId | null;
  readonly isValidated: boolean;
  /** When the token was used; null if it is not. */
  readonly used: Date | null;
  readonly isExpired: boolean;
}

/** The statements on `flexisip_api_tokens`. Those with a manager run in the transaction of their caller. */
@Injectable()
export class OneTimeTokens {
  constructor(
    private readonly statements: Statements,
    private readonly clock: Clock,
  ) {}

  /**
   * Draws a token and stores its hash.
   *
   * @param lifetime in seconds.
   * @param accountId the account that the token belongs to, if it is known.
   */
  async draw(
    manager: EntityManager,
    {
      kind,
      length,
      lifetime,
      accountId = null,
    }: { kind: TokenKind; length: number; lifetime: number; accountId?: number | null },
  ): Promise<DrawnToken> {
    const token = randomAlphanumeric(length);
    const [created, expires] = [this.clock.now(), this.clock.in(lifetime)];
    await manager.insert(OneTimeToken, { kind, hash: hashOf(token), accountId, created, expires });
    return { token, expires };
  }

  /**
   * Finds a token, used or expired ones included. Returns null if there is none of this kind.
   *
   * @param isLocked whether the row is locked until the transaction ends. The search then also sees rows that other
   * transactions committed since this one began.
   */
  async find(
    manager: EntityManager,
    kind: TokenKind,
    token: string,
    { isLocked }: { isLocked: boolean },
  ): Promise<StoredOneTimeToken | null> {
    const statement = isLocked ? FIND_LOCKED[dialectOf(manager.dataSource)] : FIND;
    const [row] = await readPrepared<Row>(manager, statement, [hashOf(token), kind]);
    return row ? this.toToken(row) : null;
  }

  /** Like `find`, outside of a transaction. */
  async peek(kind: TokenKind, token: string): Promise<StoredOneTimeToken | null> {
    const [row] = await this.statements.read<Row>(FIND, [hashOf(token), kind]);
    return row ? this.toToken(row) : null;
  }

  /**
   * Marks a token as used. Of concurrent calls, exactly one succeeds.
   *
   * @param creationTokenId the account creation token that it is exchanged for.
   * @returns false if the token is used already, or has expired.
   */
  spend(manager: EntityManager, id: RowId, creationTokenId: RowId | null = null): Promise<boolean> {
    return this.change(manager, SPEND, [formatDateTime(this.clock.now()), creationTokenId], id);
  }

  /**
   * Notes that a person was proven.
   *
   * @returns false if that is noted already, or if the token is used or has expired.
   */
  validate(manager: EntityManager, id: RowId): Promise<boolean> {
    return this.change(manager, VALIDATE, [formatDateTime(this.clock.now())], id);
  }

  /**
   * Gives a token to an account.
   *
   * @returns false if the token has an account already, is used, or has expired.
   */
  attach(manager: EntityManager, id: RowId, accountId: number): Promise<boolean> {
    return this.change(manager, ATTACH, [accountId], id);
  }

  /**
   * Removes a token. Of concurrent calls, exactly one succeeds.
   *
   * @returns false if it is gone already.
   */
  async remove(manager: EntityManager, id: RowId): Promise<boolean> {
    return (await writePrepared(manager, REMOVE, [id])).affected === 1;
  }

  private toToken(row: Row): StoredOneTimeToken {
    return {
      id: row.id,
      accountId: row.account_id === null ? null : toId(row.account_id),
      creationTokenId: row.creation_token_id,
      isValidated: row.validated !== null,
      used: parseDateTime(row.used),
      isExpired: (parseDateTime(row.expires) ?? new Date(0)) <= this.clock.now(),
    };
  }

  private async change(
    manager: EntityManager,
    statement: typeof SPEND,
    values: readonly (string | number | null)[],
    id: RowId,
  ): Promise<boolean> {
    const parameters = [...values, id, formatDateTime(this.clock.now())];
    return (await writePrepared(manager, statement, parameters)).affected === 1;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
