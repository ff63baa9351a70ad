import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { CreationTokens } from './creation-tokens.service.js';
import type { DrawnToken } from './drawn-token.js';
import { OneTimeTokens, type StoredOneTimeToken } from './one-time-tokens.repository.js';
import { RequestTokenNotValidated, TokenInvalid } from './tokens.errors.js';

/** A request token, and the page where a person is proven. */
export interface IssuedRequestToken {
  readonly token: string;
  /** An app cuts the token out of this URL, so nothing follows it. */
  readonly pageUrl: string;
}

const LENGTH = 32;

/** Seconds for which an exchange can be repeated: an app sends a request again if the answer is lost. */
const REPEATABLE = 60;

/**
 * Request tokens (contract-2x §2). An app that cannot receive a push gets one and opens its page in a browser. A person
 * is proven there, and the app exchanges the token for an account creation token.
 */
@Injectable()
export class RequestTokens {
  constructor(
    private readonly stored: OneTimeTokens,
    private readonly creationTokens: CreationTokens,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  async issue(): Promise<IssuedRequestToken> {
    const { requestTokenLifetime: lifetime, publicUrl } = this.settings;
    const { token } = await this.transactions.run((manager) =>
      this.stored.draw(manager, { kind: 'request', length: LENGTH, lifetime }),
    );
    return { token, pageUrl: `${publicUrl}/creation_token/check/${token}` };
  }

  /** Whether a person can be proven for a token, or was proven already. A used or expired token has ended. */
  async stateOf(token: string): Promise<'open' | 'validated' | 'ended'> {
    const found = await this.stored.peek('request', token);
    if (!isValid(found)) return 'ended';
    return found.isValidated ? 'validated' : 'open';
  }

  /**
   * Notes that a person was proven for a token. A second call changes nothing.
   *
   * @returns false if the token is unknown, used, or has expired.
   */
  async validate(token: string): Promise<boolean> {
    return this.transactions.run(async (manager) => {
      const found = await this.lock(manager, token);
      if (!isValid(found)) return false;
      return found.isValidated || this.stored.validate(manager, found.id);
    }, 'READ COMMITTED');
  }

  /**
   * Exchanges a token for an account creation token. Of concurrent calls, exactly one draws it. Within a minute the
   * others get the same one, while it is not used.
   *
   * @throws RequestTokenNotValidated, TokenInvalid.
   */
  async exchange(token: string): Promise<DrawnToken> {
    return this.transactions.run(async (manager) => {
      const found = await this.lock(manager, token);
      const drawn = found && (await (found.used ? this.repeat(manager, found) : this.draw(manager, found)));
      if (!drawn) throw new TokenInvalid('account_creation_request_token');
      return drawn;
    }, 'READ COMMITTED');
  }

  private async draw(manager: EntityManager, { id, isValidated, isExpired }: StoredOneTimeToken) {
    if (isExpired) return null;
    if (!isValidated) throw new RequestTokenNotValidated();
    const drawn = await this.creationTokens.draw(manager, 'request');
    return (await this.stored.spend(manager, id, drawn.id)) ? drawn : null;
  }

  private async repeat(manager: EntityManager, { used, creationTokenId }: StoredOneTimeToken) {
    const isTooLate = used === null || used <= this.clock.in(-REPEATABLE);
    return isTooLate || creationTokenId === null
      ? null
      : this.creationTokens.findUnusedOfRequest(manager, creationTokenId);
  }

  private lock(manager: EntityManager, token: string): Promise<StoredOneTimeToken | null> {
    return this.stored.find(manager, 'request', token, { isLocked: true });
  }
}

function isValid(found: StoredOneTimeToken | null): found is StoredOneTimeToken {
  return found !== null && found.used === null && !found.isExpired;
}
