import { Global, Module } from '@nestjs/common';
import { SHARED_REDIS, type SharedRedis } from '../outbound/shared-redis.js';
import { Settings } from '../config/settings.js';
import { Counters, LocalCounters, SharedCounters } from './counters.js';
import { KnownSources } from './known-sources.js';
import { Limits } from './limits.service.js';
import { LoginAttempts } from './login-attempts.service.js';

/** Limits on how often things may happen (protocol §8). */
@Global()
@Module({
  providers: [
    Limits,
    LoginAttempts,
    {
      provide: Counters,
      // Without limits, their Redis commands need not be allowed.
      useFactory: (redis: SharedRedis | null, { hasLimits }: Settings) =>
        redis && hasLimits ? new SharedCounters(redis) : new LocalCounters(),
      inject: [SHARED_REDIS, Settings],
    },
    {
      provide: KnownSources,
      useFactory: (redis: SharedRedis | null) => new KnownSources(redis),
      inject: [SHARED_REDIS],
    },
  ],
  exports: [Limits, LoginAttempts],
})
export class LimitsModule {}
