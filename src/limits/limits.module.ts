import { Global, Module } from '@nestjs/common';
import { SharedRedis } from '../common/neighbours/shared-redis.js';
import { Settings } from '../config/settings.js';
import { Counters, LocalCounters, SharedCounters } from './counters.js';
import { KnownSources } from './known-sources.js';
import { Limits } from './limits.service.js';
import { LoginAttempts } from './login-attempts.service.js';

/** What REDIS_URL names; null where counters are each process's own. */
const SHARED_REDIS = Symbol('shared Redis');

/** How often things may happen (contract §8). */
@Global()
@Module({
  providers: [
    Limits,
    LoginAttempts,
    {
      provide: SHARED_REDIS,
      // Without limits there is nothing to share: the registrar has a connection of its own.
      useFactory: ({ sharedRedis, limits }: Settings) =>
        sharedRedis && Object.values(limits).some((most) => most > 0) ? new SharedRedis(sharedRedis) : null,
      inject: [Settings],
    },
    {
      provide: Counters,
      useFactory: (redis: SharedRedis | null) => (redis ? new SharedCounters(redis) : new LocalCounters()),
      inject: [SHARED_REDIS],
    },
    { provide: KnownSources, useFactory: (redis: SharedRedis | null) => new KnownSources(redis), inject: [SHARED_REDIS] },
  ],
  exports: [Limits, LoginAttempts],
})
export class LimitsModule {}
