import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Neighbours } from '../common/neighbours/neighbours.service.js';
import { randomAlphanumeric } from '../common/random.js';
import { Settings } from '../config/settings.js';
import { constantStatement } from '../database/constant-statement.js';
import { readPrepared, writePrepared } from '../database/prepared.js';
import { Transactions } from '../database/transactions.js';
import { formatDateTime } from '../database/utc-date-time.js';
import { PushSender, type TokenPush } from '../push/push-sender.js';
import { Token } from './entities/token.entity.js';
import { PushNotDelivered, TokenAlreadySent, TokenInvalid, TokenLimitReached } from './tokens.errors.js';

/** Where a push goes: a device, as push services name it (RFC 8599). */
export type PushTarget = Omit<TokenPush, 'token'>;

const TOKEN_LENGTH = 13;

const FIND = constantStatement('SELECT id, token FROM tokens WHERE token = ?');
const SPEND = constantStatement('UPDATE tokens SET used = 1, updated_at = ? WHERE id = ? AND used = 0 AND created_at > ?');

/** Account creation tokens: proof that a request to create an account comes from a real device. */
@Injectable()
export class TokensService {
  constructor(
    private readonly transactions: Transactions,
    private readonly pushSender: PushSender,
    private readonly settings: Settings,
    private readonly neighbours: Neighbours,
    private readonly clock: Clock,
  ) {}

  /**
   * Draws a token and pushes it to the device. The token is reserved before the push, so that of many calls at once
   * one pushes, and given up if the push is not delivered.
   *
   * @throws TokenAlreadySent, TokenLimitReached, PushNotDelivered.
   */
  async send(device: PushTarget): Promise<void> {
    const token = randomAlphanumeric(TOKEN_LENGTH);
    const id = await this.transactions.run((manager) => this.reserve(manager, device, token));
    const isDelivered = await this.neighbours.deliver('push', `a token for a device of ${device.pnProvider}`, (signal) =>
      this.pushSender.send({ ...device, token }, signal),
    );
    if (isDelivered) return;
    await this.transactions.run((manager) => manager.delete(Token, { id }));
    throw new PushNotDelivered();
  }

  /**
   * Spends a token within the caller's transaction: of many that try, one succeeds.
   *
   * @returns the id of the token.
   * @throws TokenInvalid.
   */
  async redeem(manager: EntityManager, token: string): Promise<string> {
    // Ours are; a text that the column's character set may not even hold is not looked for.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenInvalid();
    const candidates = await readPrepared<{ id: number | string; token: string }>(manager, FIND, [token]);
    const found = candidates.find((candidate) => candidate.token === token);
    if (!found) throw new TokenInvalid();
    const { affected } = await writePrepared(manager, SPEND, [formatDateTime(this.clock.now()), found.id, this.oldestValid()]);
    if (affected !== 1) throw new TokenInvalid();
    return String(found.id);
  }

  /** Takes a spending back, for an account that does not exist after all. */
  async restore(manager: EntityManager, id: string): Promise<void> {
    await manager.update(Token, { id }, { used: false, updatedAt: this.clock.now() });
  }

  private async reserve(manager: EntityManager, device: PushTarget, token: string): Promise<string> {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    const earlier = await this.tokensOf(manager, device);
    const unused = earlier.filter(({ used, createdAt }) => !used && createdAt && formatDateTime(createdAt) > this.oldestValid());
    if (unusedTokensPerDevice > 0 && unused.length >= unusedTokensPerDevice) throw new TokenAlreadySent();
    // Used and expired ones count too (contract §4).
    if (tokensPerDevice > 0 && earlier.length >= tokensPerDevice) throw new TokenLimitReached();
    const now = this.clock.now();
    const { identifiers } = await manager.insert(Token, { ...device, token, used: false, createdAt: now, updatedAt: now });
    return String(identifiers[0]?.id);
  }

  /** The tokens a device has had. On MySQL the read locks the place where a new one would go, so that of rivals one is first. */
  private async tokensOf(manager: EntityManager, device: PushTarget): Promise<Token[]> {
    const lock = this.transactions.dialect === 'mysql' ? ({ mode: 'pessimistic_write' } as const) : undefined;
    const tokens = await manager.find(Token, { where: { ...device }, lock });
    return tokens.filter(
      ({ pnProvider, pnParam, pnPrid }) => pnProvider === device.pnProvider && pnParam === device.pnParam && pnPrid === device.pnPrid,
    );
  }

  /** A token drawn at this moment or before can no longer be redeemed. */
  private oldestValid(): string {
    return formatDateTime(this.clock.in(-this.settings.tokenLifetime));
  }
}
