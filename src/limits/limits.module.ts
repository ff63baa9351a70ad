import { Global, Module } from '@nestjs/common';
import { SHARED_REDIS, type SharedRedis } from '../common/neighbours/shared-redis.js';
import { Counters, LocalCounters, SharedCounters } from './counters.js';
import { KnownSources } from './known-sources.js';
import { Limits } from './limits.service.js';
import { LoginAttempts } from './login-attempts.service.js';

/** How often things may happen (contract §8). */
@Global()
@Module({
  providers: [
    Limits,
    LoginAttempts,
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
