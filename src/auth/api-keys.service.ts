import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { randomAlphanumeric } from '../common/random.js';
import { Transactions } from '../database/transactions.js';
import { ApiKey } from './entities/api-key.entity.js';

/** The API keys of administrators. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Gives the account a new key, 40 characters, and ends the one it had. The key is shown here and never again. */
  async generate(accountId: number): Promise<string> {
    const key = randomAlphanumeric(40);
    const now = this.clock.now();
    await this.transactions.run(async (manager) => {
      await manager.delete(ApiKey, { accountId });
      await manager.insert(ApiKey, { accountId, key, createdAt: now, updatedAt: now });
    });
    return key;
  }
}
