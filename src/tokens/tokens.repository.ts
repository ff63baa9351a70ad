import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { type ConstantStatement, constantStatement } from '../database/constant-statement.js';
import { dialectOf } from '../database/dialect.js';
import { Token } from '../database/entities/token.entity.js';
import { readPrepared, writePrepared } from '../database/prepared.js';
import type { PushTarget } from '../push/push-sender.js';

const TEXT = 'SELECT id, token FROM tokens WHERE token = ?';
const FIND = constantStatement(TEXT);
const FIND_LATEST = { mysql: constantStatement(`${TEXT} FOR UPDATE`), sqlite: FIND };
const SPEND = constantStatement(
  'UPDATE tokens SET used = 1, updated_at = ? WHERE id = ? AND used = 0 AND created_at > ?',
);

/** The id of a row of `tokens`. MySQL returns large ids as text. */
export type TokenId = number | string;

/** The statements on `tokens`. Each runs in the transaction of its caller. */
@Injectable()
export class TokensRepository {
  /** Finds a token, used or not, in the snapshot of the transaction. Returns null if there is none. */
  find(manager: EntityManager, token: string): Promise<TokenId | null> {
    return this.findBy(manager, FIND, token);
  }

  /** Like `find`, but also sees rows that other transactions committed since this one began. */
  findLatest(manager: EntityManager, token: string): Promise<TokenId | null> {
    return this.findBy(manager, FIND_LATEST[dialectOf(manager.dataSource)], token);
  }

  /**
   * Marks a token as used. Of concurrent calls, exactly one succeeds.
   *
   * @param oldest the token must have been created after this moment.
   * @returns false if the token is already used, or is too old.
   */
  async spend(manager: EntityManager, id: TokenId, now: Date, oldest: Date): Promise<boolean> {
    const { affected } = await writePrepared(manager, SPEND, [formatDateTime(now), id, formatDateTime(oldest)]);
    return affected === 1;
  }

  async insert(
    manager: EntityManager,
    device: PushTarget,
    token: string,
    { used, now }: { used: boolean; now: Date },
  ): Promise<void> {
    await manager.insert(Token, { ...device, token, used, createdAt: now, updatedAt: now });
  }

  /**
   * Finds all tokens of a device. The collation of the database may ignore case, but push parameters differ in case. So
   * the rows are compared again here.
   */
  async ofDevice(manager: EntityManager, device: PushTarget): Promise<Token[]> {
    const tokens = await manager.find(Token, { where: { ...device } });
    return tokens.filter(
      // Equivalent mutant `(pnParam`: the statement compares the provider, and providers differ in more than case.
      ({ pnProvider, pnParam, pnPrid }) =>
        pnProvider === device.pnProvider && pnParam === device.pnParam && pnPrid === device.pnPrid,
    );
  }

  /** The collation of the database may match a different text, so the rows are compared again here. */
  private async findBy(manager: EntityManager, statement: ConstantStatement, token: string): Promise<TokenId | null> {
    const candidates = await readPrepared<{ id: TokenId; token: string }>(manager, statement, [token]);
    return candidates.find((candidate) => candidate.token === token)?.id ?? null;
  }
}
