import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { Claims } from '../deliveries/claims.service.js';
import type { Reservation } from '../deliveries/deliveries.service.js';
import type { PushTarget } from '../push/push-sender.js';
import { Verification } from '../verification/verification.service.js';
import { CREATION_TOKEN } from './purposes.js';
import { type TokenId, TokensRepository } from './tokens.repository.js';
import { TokenAlreadySent, TokenInvalid, TokenLimitReached } from './tokens.errors.js';

/** Account creation tokens: proof that a request to create an account comes from a real device. */
@Injectable()
export class TokensService {
  constructor(
    private readonly tokens: TokensRepository,
    private readonly verification: Verification,
    private readonly claims: Claims,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Generates a token and sends it to the device by push notification. The device is reserved meanwhile, so concurrent
   * calls for one device run one after the other. The token is stored after the push is delivered. It can be redeemed
   * as soon as it is sent, because the device may receive it before this call ends.
   *
   * @throws TokenAlreadySent, TokenLimitReached, PushNotDelivered.
   */
  async send(device: PushTarget): Promise<void> {
    await this.verification.issueSecret(CREATION_TOKEN, {
      reservations: (token) => [
        { subject: subjectOf(token), content: JSON.stringify(device), isExclusive: false },
        ...this.reservationsOf(device),
      ],
      check: (manager) => this.refuseBeyondLimits(manager, device),
      message: ({ secret: token }) => ({
        name: `a token for a device of ${device.pnProvider}`,
        content: { ...device, token },
      }),
      keep: async (manager, { stored: token }, [isUnused]) => {
        if (isUnused) await this.tokens.insert(manager, device, token, { used: false, now: this.clock.now() });
      },
    });
  }

  /**
   * Marks a token as used, within the caller's transaction. Of concurrent calls, exactly one succeeds.
   *
   * @throws TokenInvalid.
   */
  async redeem(manager: EntityManager, token: string): Promise<void> {
    // Every token consists of these characters. The column's character set may not support others, so they are not
    // searched.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenInvalid();
    const id = await this.tokens.find(manager, token);
    if (id === null) return this.redeemDuringPush(manager, token);
    await this.spend(manager, id);
  }

  /** The reservation of a call that redeems a token only after a message is delivered. */
  reservationOf(token: string): Reservation {
    return { subject: `account by token ${token}`, isExclusive: true };
  }

  /** Redeems a token while its push is still in progress. */
  private async redeemDuringPush(manager: EntityManager, token: string): Promise<void> {
    const device = await this.claims.find(manager, subjectOf(token));
    if (device !== null && (await this.claims.consume(manager, subjectOf(token)))) {
      return this.tokens.insert(manager, JSON.parse(device) as PushTarget, token, {
        used: true,
        now: this.clock.now(),
      });
    }
    // The push may have ended since the first read. A READ COMMITTED transaction sees the token in a second read. A
    // REPEATABLE READ transaction that has seen the claim needs a locking read.
    const id = await (device === null ? this.tokens.find(manager, token) : this.tokens.findLatest(manager, token));
    if (id === null) throw new TokenInvalid();
    await this.spend(manager, id);
  }

  private async spend(manager: EntityManager, id: TokenId): Promise<void> {
    if (!(await this.tokens.spend(manager, id, this.clock.now(), this.oldestValid()))) throw new TokenInvalid();
  }

  /** Empty if neither the number of tokens nor the number of unused tokens of a device is limited. */
  private reservationsOf({ pnProvider, pnParam, pnPrid }: PushTarget): Reservation[] {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    if (tokensPerDevice === 0 && unusedTokensPerDevice === 0) return [];
    return [{ subject: `push to ${pnProvider} ${pnParam} ${pnPrid}`, isExclusive: true }];
  }

  private async refuseBeyondLimits(manager: EntityManager, device: PushTarget): Promise<void> {
    const { tokensPerDevice, unusedTokensPerDevice } = this.settings;
    const earlier = await this.tokens.ofDevice(manager, device);
    const unused = earlier.filter(({ used, createdAt }) => !used && createdAt && createdAt > this.oldestValid());
    if (unusedTokensPerDevice > 0 && unused.length >= unusedTokensPerDevice) throw new TokenAlreadySent();
    // Used and expired tokens count too (protocol §4).
    if (tokensPerDevice > 0 && earlier.length >= tokensPerDevice) throw new TokenLimitReached();
  }

  /** Tokens created at this moment or earlier have expired. */
  private oldestValid(): Date {
    return this.clock.in(-this.settings.tokenLifetime);
  }
}

/** The subject of the claim on a token while its push is in progress. */
function subjectOf(token: string): string {
  return `token ${token}`;
}
