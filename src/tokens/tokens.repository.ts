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

/** The id of a row of `tokens`; MySQL gives large ones as text. */
export type TokenId = number | string;

/** The statements on `tokens`. Each runs in the transaction of its caller. */
@Injectable()
export class TokensRepository {
  /** Finds a token, used or not, as the transaction sees it. Null if there is none. */
  find(manager: EntityManager, token: string): Promise<TokenId | null> {
    return this.findBy(manager, FIND, token);
  }

  /** The same, with what others have committed since the transaction began. */
  findLatest(manager: EntityManager, token: string): Promise<TokenId | null> {
    return this.findBy(manager, FIND_LATEST[dialectOf(manager.dataSource)], token);
  }

  /**
   * Marks a token as used: of many calls at once, one succeeds.
   *
   * @param oldest the token must be younger than this.
   * @returns false if it is used already, or too old.
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

  /** All tokens that a device has had. The database compares by its collation; the names of devices differ in case too. */
  async ofDevice(manager: EntityManager, device: PushTarget): Promise<Token[]> {
    const tokens = await manager.find(Token, { where: { ...device } });
    return tokens.filter(
      // Equivalent mutant `(pnParam`: the statement compares the provider, and providers differ in more than case.
      ({ pnProvider, pnParam, pnPrid }) =>
        pnProvider === device.pnProvider && pnParam === device.pnParam && pnPrid === device.pnPrid,
    );
  }

  /** The database may take another text for this token, by its collation. */
  private async findBy(manager: EntityManager, statement: ConstantStatement, token: string): Promise<TokenId | null> {
    const candidates = await readPrepared<{ id: TokenId; token: string }>(manager, statement, [token]);
    return candidates.find((candidate) => candidate.token === token)?.id ?? null;
  }
}
