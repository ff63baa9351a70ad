import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { randomAlphanumeric } from '../common/random.js';
import type { AuthMethod } from '../common/request-context.js';
import { AccountEvents } from '../events/account-events.service.js';
import type { SipAddress } from '../common/sip/sip-address.js';
import type { Account } from '../database/entities/account.entity.js';
import { ApiKey } from '../database/entities/api-key.entity.js';

/** The API keys of accounts. An account has at most one. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly clock: Clock,
    private readonly events: AccountEvents,
  ) {}

  /**
   * Generates a new key of 40 characters for the account, and revokes the current one, within the caller's transaction.
   *
   * @param method how the caller proved its right, if it has no account of its own.
   * @returns the key, which is shown this once.
   */
  async generate(
    manager: EntityManager,
    account: SipAddress & { id: number },
    { method }: { method?: AuthMethod } = {},
  ): Promise<string> {
    const accountId = account.id;
    const key = randomAlphanumeric(40);
    const now = this.clock.now();
    await manager.delete(ApiKey, { accountId });
    await manager.insert(ApiKey, { accountId, key, createdAt: now, updatedAt: now });
    this.events.report('api_key.generated', account, { method });
    return key;
  }

  /** Ends the key of the account, if it has one, within the caller's transaction. */
  async revoke(manager: EntityManager, account: SipAddress & Pick<Account, 'id' | 'hasApiKey'>): Promise<void> {
    if (!account.hasApiKey) return;
    await manager.delete(ApiKey, { accountId: account.id });
    this.events.report('api_key.revoked', account);
  }
}
