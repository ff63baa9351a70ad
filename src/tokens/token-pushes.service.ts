import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import type { Token } from '../database/entities/token.entity.js';
import type { Reservation } from '../deliveries/deliveries.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { TooManyAttempts } from '../limits/limits.errors.js';
import type { PushTarget, TokenPush } from '../push/push-sender.js';
import type { Message } from '../verification/message-sender.service.js';
import { Verification } from '../verification/verification.service.js';
import { CREATION_TOKEN, REPEATED_CREATION_TOKEN } from './purposes.js';
import { type PushedToken, subjectOf, subjectOfDevice } from './pushed-token.js';
import { TokensRepository } from './tokens.repository.js';
import { TokenAlreadySent, TokenLimitReached } from './tokens.errors.js';

/**
 * Sends account creation tokens to devices by push notification. A device is reserved meanwhile, so concurrent calls for
 * one device run one after the other. A token is stored after the push is delivered. It can be used as soon as it is
 * sent, because the device may receive it before the call ends.
 */
@Injectable()
export class TokenPushes {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly accounts: AccountLookup,
    private readonly verification: Verification,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends a new token to a device, for the route of 2021 (protocol §4).
   *
   * @throws TokenAlreadySent, TokenLimitReached, PushNotDelivered.
   */
  async send(device: PushTarget): Promise<void> {
    const pushed = { device, origin: null, expires: null };
    await this.verification.issueSecret(CREATION_TOKEN, {
      reservations: (token) => [claimOf(token, pushed), ...this.reservationsOf(device)],
      check: (manager) => this.refuseBeyondLimits(manager, device),
      message: ({ secret: token }) => messageTo(device, token),
      keep: async (manager, { stored }, [isUnused]) => {
        if (isUnused) await this.tokens.insert(manager, { ...pushed, stored, use: null });
      },
    });
  }

  /**
   * Sends a token to a device (contract-2x §2). A token that the device can still create its account with is sent again,
   * because an app asks again if the push does not arrive.
   *
   * @throws TooManyAttempts if the device asks too often, or has created an account that was activated a short time
   * ago; PushNotDelivered.
   */
  async sendOrRepeat(device: PushTarget): Promise<void> {
    const pushed = { device, origin: 'push', expires: this.clock.in(this.settings.tokenLifetime) } as const;
    let earlier: string | null = null;
    await this.verification.issueSecret(REPEATED_CREATION_TOKEN, {
      countsFor: { target: subjectOfDevice(device) },
      reservations: (token) => [claimOf(token, pushed), { subject: subjectOfDevice(device), isExclusive: true }],
      check: async (manager) => {
        const ofDevice = await this.tokens.ofDevice(manager, device);
        await this.refuseSoonAfterAccount(manager, ofDevice);
        earlier = await this.findRepeatable(manager, ofDevice);
      },
      message: ({ secret: token }) => messageTo(device, earlier ?? token),
      keep: async (manager, { stored }, [isUnused]) => {
        if (isUnused && earlier === null) await this.tokens.insert(manager, { ...pushed, stored, use: null });
      },
    });
  }

  /** Empty if neither the number of tokens nor the number of unused tokens of a device is limited. */
  private reservationsOf(device: PushTarget): Reservation[] {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    if (tokensPerDevice === 0 && unusedTokensPerDevice === 0) return [];
    return [{ subject: subjectOfDevice(device), isExclusive: true }];
  }

  /** Counts the tokens that `POST /tokens` has drawn. Used and expired ones count in all (protocol §4). */
  private async refuseBeyondLimits(manager: EntityManager, device: PushTarget): Promise<void> {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    const earlier = (await this.tokens.ofDevice(manager, device)).filter(({ origin }) => origin === null);
    const unused = earlier.filter((token) => !token.used && !this.tokens.isExpired(token));
    if (unusedTokensPerDevice > 0 && unused.length >= unusedTokensPerDevice) throw new TokenAlreadySent();
    if (tokensPerDevice > 0 && earlier.length >= tokensPerDevice) throw new TokenLimitReached();
  }

  private async refuseSoonAfterAccount(manager: EntityManager, ofDevice: readonly Token[]): Promise<void> {
    const { deviceAccountInterval } = this.settings;
    for (const { usedBy, accountId, updatedAt } of ofDevice) {
      if (accountId === null || usedBy === null || usedBy === 'consume' || updatedAt === null) continue;
      const left = updatedAt.getTime() + deviceAccountInterval * 1000 - this.clock.now().getTime();
      if (left <= 0) continue;
      const account = await this.accounts.byId(accountId, manager);
      if (account?.activated) throw new TooManyAttempts(Math.ceil(left / 1000));
    }
  }

  /**
   * Finds the newest token with which the device can still create its account: it is unused, or the account that it
   * created was never activated. Returns null if there is none.
   */
  private async findRepeatable(manager: EntityManager, ofDevice: readonly Token[]): Promise<string | null> {
    for (const token of ofDevice.toReversed()) {
      if (this.tokens.isExpired(token)) continue;
      if (!token.used) return token.token;
      if (token.usedBy !== 'with-creation-token' || token.accountId === null) continue;
      const account = await this.accounts.byId(token.accountId, manager);
      if (account?.wasNeverActivated && !account.blocked) return token.token;
    }
    return null;
  }
}

/** The reservation of a token while its push is in progress. */
function claimOf(token: string, pushed: PushedToken): Reservation {
  return { subject: subjectOf(token), content: JSON.stringify(pushed), isExclusive: false };
}

function messageTo(device: PushTarget, token: string): Message<'push'> {
  return { name: `a token for a device of ${device.pnProvider}`, content: { ...device, token } satisfies TokenPush };
}
