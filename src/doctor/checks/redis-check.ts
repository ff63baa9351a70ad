import type { Redis } from 'ioredis';
import { probeNonces } from '../../auth/nonces/redis-nonce-store.js';
import { redisServer, type RedisServer, refuseMode, refuseEviction } from '../../outbound/redis-server.js';
import { harmWithoutRedis, UNKNOWN_EVICTION } from '../../outbound/shared-redis.js';
import type { RedisSettings } from '../../config/outbound-settings.js';
import type { Settings } from '../../config/settings.js';
import { probeLimits } from '../../limits/counters.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';
import { askRedis } from './outbound-check.js';

/** Checks whether the shared Redis accepts every command of the service and keeps what it stores. */
export class RedisCheck implements Check {
  readonly name = 'Redis';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { sharedRedis } = this.settings;
    const harm = harmWithoutRedis(this.settings);
    if (!sharedRedis || harm === null) return [];
    const advice = `See REDIS_URL, and docs/limits.md and docs/authentication.md for rights. Until it can be written, ${harm}.`;
    return askRedis(
      this.settings,
      'the shared Redis',
      sharedRedis,
      (client) => this.tryOut(client, sharedRedis),
      advice,
    );
  }

  private async tryOut(client: Redis, { variable }: RedisSettings): Promise<Verdict[]> {
    const { hasLimits, nonceStore } = this.settings;
    const server = await redisServer(client);
    refuseMode(server, variable);
    if (nonceStore === 'redis') refuseEviction(server);
    if (hasLimits) await probeLimits(client);
    if (nonceStore === 'redis') await probeNonces(client);
    return [ok('the shared Redis answers and accepts writes'), ...this.warnings(server)];
  }

  private warnings({ evictionPolicy }: RedisServer): Verdict[] {
    if (evictionPolicy === null) return this.settings.nonceStore === 'redis' ? [warning(UNKNOWN_EVICTION)] : [];
    if (evictionPolicy === 'noeviction') return [];
    return [
      warning(
        `its maxmemory-policy is ${evictionPolicy}: Redis may evict the counts of limits`,
        'Set it to noeviction.',
      ),
    ];
  }
}
