import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { randomAlphanumeric } from '../common/random.js';
import { Settings } from '../config/settings.js';
import { type ConstantStatement, constantStatement } from '../database/constant-statement.js';
import { readPrepared, writePrepared } from '../database/prepared.js';
import { Transactions } from '../database/transactions.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { Claims } from '../deliveries/claims.service.js';
import { Deliveries, type Reservation } from '../deliveries/deliveries.service.js';
import { PushSender, type TokenPush } from '../push/push-sender.js';
import { Token } from '../database/entities/token.entity.js';
import { PushNotDelivered, TokenAlreadySent, TokenInvalid, TokenLimitReached } from './tokens.errors.js';

/** Where a push goes: a device, as push services name it (RFC 8599). */
export type PushTarget = Omit<TokenPush, 'token'>;

const TOKEN_LENGTH = 13;

const TEXT = 'SELECT id, token FROM tokens WHERE token = ?';
const FIND = constantStatement(TEXT);
/** Sees what others have committed meanwhile, unlike {@link FIND}. */
const FIND_LATEST = { mysql: constantStatement(`${TEXT} FOR UPDATE`), sqlite: FIND };
const SPEND = constantStatement('UPDATE tokens SET used = 1, updated_at = ? WHERE id = ? AND used = 0 AND created_at > ?');

/** Account creation tokens: proof that a request to create an account comes from a real device. */
@Injectable()
export class TokensService {
  constructor(
    private readonly transactions: Transactions,
    private readonly deliveries: Deliveries,
    private readonly claims: Claims,
    private readonly pushSender: PushSender,
    private readonly settings: Settings,
    private readonly outbound: OutboundCalls,
    private readonly clock: Clock,
  ) {}

  /**
   * Draws a token and pushes it to the device. The device is reserved meanwhile: calls at the same time wait for each other. The token is
   * stored once the push is delivered; it can be redeemed from the moment it is sent, since the device may have it first.
   *
   * @throws TokenAlreadySent, TokenLimitReached, PushNotDelivered.
   */
  async send(device: PushTarget): Promise<void> {
    const token = randomAlphanumeric(TOKEN_LENGTH);
    const push = () =>
      this.outbound.deliver('push', `a token for a device of ${device.pnProvider}`, (signal) =>
        this.pushSender.send({ ...device, token }, signal),
      );
    await this.deliveries.deliver({
      reservations: [{ subject: subjectOf(token), content: JSON.stringify(device), isExclusive: false }, ...this.reservationsOf(device)],
      check: (manager) => this.refuseBeyondLimits(manager, device),
      send: push,
      store: async (manager, [isUnused]) => {
        if (isUnused) await this.insert(manager, device, token, false);
      },
      notDelivered: () => new PushNotDelivered(),
    });
  }

  /**
   * Spends a token within the caller's transaction: of many that try, one succeeds.
   *
   * @throws TokenInvalid.
   */
  async redeem(manager: EntityManager, token: string): Promise<void> {
    // Ours are; a text that the column's character set may not even hold is not looked for.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenInvalid();
    const id = await this.find(manager, FIND, token);
    if (id === null) return this.redeemOnItsWay(manager, token);
    await this.spend(manager, id);
  }

  /** What a call reserves that spends a token only once a message is delivered. */
  reservationOf(token: string): Reservation {
    return { subject: `account by token ${token}`, isExclusive: true };
  }

  /** Spends a token whose push is not over yet. */
  private async redeemOnItsWay(manager: EntityManager, token: string): Promise<void> {
    const device = await this.claims.find(manager, subjectOf(token));
    if (device !== null && (await this.claims.consume(manager, subjectOf(token)))) {
      return this.insert(manager, JSON.parse(device) as PushTarget, token, true);
    }
    // The push may have ended since the first look. A transaction that is READ COMMITTED sees the token at a second one; one that is
    // REPEATABLE READ has seen the claim, and needs a read that locks.
    const id = await this.find(manager, device === null ? FIND : FIND_LATEST[this.transactions.dialect], token);
    if (id === null) throw new TokenInvalid();
    await this.spend(manager, id);
  }

  private async find(manager: EntityManager, statement: ConstantStatement, token: string): Promise<number | string | null> {
    const candidates = await readPrepared<{ id: number | string; token: string }>(manager, statement, [token]);
    return candidates.find((candidate) => candidate.token === token)?.id ?? null;
  }

  private async spend(manager: EntityManager, id: number | string): Promise<void> {
    const { affected } = await writePrepared(manager, SPEND, [formatDateTime(this.clock.now()), id, this.oldestValid()]);
    if (affected !== 1) throw new TokenInvalid();
  }

  /** None where a device may have any number of tokens, and any number at one time. */
  private reservationsOf({ pnProvider, pnParam, pnPrid }: PushTarget): Reservation[] {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    if (tokensPerDevice === 0 && unusedTokensPerDevice === 0) return [];
    return [{ subject: `push to ${pnProvider} ${pnParam} ${pnPrid}`, isExclusive: true }];
  }

  private async insert(manager: EntityManager, device: PushTarget, token: string, used: boolean): Promise<void> {
    const now = this.clock.now();
    await manager.insert(Token, { ...device, token, used, createdAt: now, updatedAt: now });
  }

  private async refuseBeyondLimits(manager: EntityManager, device: PushTarget): Promise<void> {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    const earlier = await this.tokensOf(manager, device);
    const unused = earlier.filter(({ used, createdAt }) => !used && createdAt && formatDateTime(createdAt) > this.oldestValid());
    if (unusedTokensPerDevice > 0 && unused.length >= unusedTokensPerDevice) throw new TokenAlreadySent();
    // Used and expired ones count too (protocol §4).
    if (tokensPerDevice > 0 && earlier.length >= tokensPerDevice) throw new TokenLimitReached();
  }

  /** The tokens a device has had. The database compares as its collation does, and names of devices differ in case. */
  private async tokensOf(manager: EntityManager, device: PushTarget): Promise<Token[]> {
    const tokens = await manager.find(Token, { where: { ...device } });
    return tokens.filter(
      ({ pnProvider, pnParam, pnPrid }) => pnProvider === device.pnProvider && pnParam === device.pnParam && pnPrid === device.pnPrid,
    );
  }

  /** A token drawn at this moment or before can no longer be redeemed. */
  private oldestValid(): string {
    return formatDateTime(this.clock.in(-this.settings.tokenLifetime));
  }
}

/** The name under which a token can be found while it is pushed. */
function subjectOf(token: string): string {
  return `token ${token}`;
}
