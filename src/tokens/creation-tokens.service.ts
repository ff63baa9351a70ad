import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { randomAlphanumeric } from '../common/random.js';
import { Settings } from '../config/settings.js';
import type { TokenOrigin } from '../database/entities/token.entity.js';
import { Transactions } from '../database/transactions.js';
import { Claims } from '../deliveries/claims.service.js';
import type { Reservation } from '../deliveries/deliveries.service.js';
import type { DrawnToken } from './drawn-token.js';
import { type PushedToken, subjectOf } from './pushed-token.js';
import { type RowId, storedForm, type StoredToken, TokensRepository, type Use } from './tokens.repository.js';

/** What a token shows of itself: its push parameters, empty if it was not pushed, and until when it is accepted. */
export type ShownToken = Pick<StoredToken, 'device' | 'expires'>;

/** A token that was found: it is stored, or its push is still in progress. */
export type FoundToken = ShownToken &
  (
    | { readonly is: 'stored'; readonly stored: StoredToken }
    | { readonly is: 'in flight'; readonly token: string; readonly pushed: PushedToken }
  );

/** Every token consists of these characters. The column's character set may not support others. */
const FORM = /^[\x21-\x7e]{1,63}$/;

/**
 * Account creation tokens: proof that a request to create an account comes from a real device, from a person, or from
 * somebody that an administrator has invited (contract-2x §2). Those of `POST /tokens` are among them.
 */
@Injectable()
export class CreationTokens {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly claims: Claims,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Draws a token for somebody that an administrator invites. */
  invite(): Promise<DrawnToken> {
    return this.transactions.run((manager) => this.draw(manager, 'invitation', this.settings.invitationLifetime));
  }

  /**
   * Draws a token, within the caller's transaction.
   *
   * @param lifetime in seconds.
   */
  async draw(
    manager: EntityManager,
    origin: Exclude<TokenOrigin, 'push'>,
    lifetime = this.settings.tokenLifetime,
  ): Promise<DrawnToken & { readonly id: RowId }> {
    const [token, expires] = [randomAlphanumeric(13), this.clock.in(lifetime)];
    const id = await this.tokens.insert(manager, {
      device: null,
      stored: storedForm(origin, token),
      origin,
      expires,
      use: null,
    });
    return { id, token, expires };
  }

  /**
   * Finds a token that was drawn for a request token, within the caller's transaction. Returns null if it is used or has
   * expired.
   */
  findUnusedOfRequest(manager: EntityManager, id: RowId): Promise<DrawnToken | null> {
    return this.tokens.findUnusedOfRequest(manager, id);
  }

  /**
   * Finds a token that can still be used, within the caller's transaction. Returns null if there is none.
   */
  async findUnused(manager: EntityManager, token: string): Promise<FoundToken | null> {
    const found = await this.find(manager, token, { isLocked: false });
    return found && this.isUsable(found) ? found : null;
  }

  /**
   * Finds a token, used or not, and locks it, within the caller's transaction. Returns null if there is none, or if it
   * has expired.
   */
  async lock(manager: EntityManager, token: string): Promise<FoundToken | null> {
    const found = await this.find(manager, token, { isLocked: true });
    return found && !this.isExpired(found) ? found : null;
  }

  /**
   * Marks a token as used for an account, within the caller's transaction. Of concurrent calls, exactly one succeeds.
   *
   * @returns false if the token can no longer be used.
   */
  async spend(manager: EntityManager, found: FoundToken, use: Use): Promise<boolean> {
    if (found.is === 'stored') return this.tokens.spend(manager, found.stored, use);
    if (await this.claims.consume(manager, subjectOf(found.token))) {
      const { device, origin, expires } = found.pushed;
      await this.tokens.insert(manager, { device, stored: found.token, origin, expires, use });
      return true;
    }
    // The push has ended since the token was found. A REPEATABLE READ transaction sees the stored token in a locking
    // read only.
    const stored = await this.tokens.find(manager, found.token, { isLocked: true });
    return stored !== null && this.tokens.spend(manager, stored, use);
  }

  /** Gives a used token to the account that replaces the one that it was used for, within the caller's transaction. */
  async passOn(manager: EntityManager, token: StoredToken, accountId: number): Promise<void> {
    await this.tokens.passOn(manager, token, accountId);
  }

  /** The reservation of a call that redeems a token only after a message is delivered. */
  reservationOf(token: string): Reservation {
    return { subject: `account by token ${token}`, isExclusive: true };
  }

  private async find(manager: EntityManager, token: string, how: { isLocked: boolean }): Promise<FoundToken | null> {
    if (!FORM.test(token)) return null;
    const stored = await this.tokens.find(manager, token, how);
    if (stored) return asFound(stored);
    const claim = await this.claims.find(manager, subjectOf(token));
    if (claim !== null) {
      const pushed = parsePushed(claim);
      const expires = pushed.expires ?? this.clock.in(this.settings.tokenLifetime);
      return { is: 'in flight', token, pushed, device: pushed.device, expires };
    }
    // The push may have ended since the first read. A READ COMMITTED transaction sees the token in a second read.
    const late = await this.tokens.find(manager, token, how);
    return late && asFound(late);
  }

  private isUsable(found: FoundToken): boolean {
    return found.is === 'in flight' || !(found.stored.isUsed || this.isExpired(found));
  }

  private isExpired(found: FoundToken): boolean {
    return found.is === 'stored' && found.stored.expires <= this.clock.now();
  }
}

function asFound(stored: StoredToken): FoundToken {
  return { is: 'stored', stored, device: stored.device, expires: stored.expires };
}

/** Reads the content of the claim on a token whose push is in progress. */
function parsePushed(content: string): PushedToken {
  const { device, origin, expires } = JSON.parse(content) as Omit<PushedToken, 'expires'> & { expires: string | null };
  return { device, origin, expires: expires === null ? null : new Date(expires) };
}
