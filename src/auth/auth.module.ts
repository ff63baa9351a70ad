import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccountLookupModule } from '../directory/account-lookup.module.js';
import { Clock } from '../common/clock.js';
import { BodyGuard } from '../http/bodies/body.guard.js';
import { SHARED_REDIS, type SharedRedis } from '../outbound/shared-redis.js';
import { Settings } from '../config/settings.js';
import { AdmittedLimitGuard, SourceLimitGuard } from './guards/source-limit.guards.js';
import { TargetLimitGuard } from '../limits/target-limit.guard.js';
import { ApiKeysService } from './api-keys.service.js';
import { Credentials } from './credentials.service.js';
import { DigestService } from './digest.service.js';
import { ActivatedGuard } from './guards/activated.guard.js';
import { AdminGuard } from './guards/admin.guard.js';
import { CallerGuard } from './guards/caller.guard.js';
import { DatabaseNonceStore } from './nonces/database-nonce-store.js';
import { MemoryNonceStore } from './nonces/memory-nonce-store.js';
import { NoncePurgeService } from './nonces/nonce-purge.service.js';
import { NonceStore } from './nonces/nonce-store.js';
import { RedisNonceStore } from './nonces/redis-nonce-store.js';
import { PanelSessionStore } from './sessions/panel-session-store.js';
import { PanelSessionsRepository } from './sessions/panel-sessions.repository.js';
import { PanelSessions } from './sessions/panel-sessions.service.js';
import { SessionPurgeService } from './sessions/session-purge.service.js';
import { RefusedAttempts } from './refused-attempts.service.js';
import { CredentialsStrategy } from './strategies/credentials.strategy.js';
import { PanelSessionStrategy } from './strategies/panel-session.strategy.js';

function createNonceStore(
  { nonceStore, nonceLifetime }: Settings,
  database: DatabaseNonceStore,
  redis: SharedRedis | null,
  clock: Clock,
): NonceStore {
  if (nonceStore === 'memory') return new MemoryNonceStore(nonceLifetime, clock.now());
  if (nonceStore === 'redis' && redis) return new RedisNonceStore(redis, nonceLifetime, clock);
  return database;
}

/**
 * Authentication and permissions. The guards run before every route, in this order. `@Access()` of the route tells them
 * what it requires.
 */
@Module({
  imports: [AccountLookupModule],
  providers: [
    Credentials,
    DigestService,
    DatabaseNonceStore,
    { provide: NonceStore, useFactory: createNonceStore, inject: [Settings, DatabaseNonceStore, SHARED_REDIS, Clock] },
    NoncePurgeService,
    ApiKeysService,
    PanelSessionsRepository,
    PanelSessionStore,
    PanelSessions,
    SessionPurgeService,
    RefusedAttempts,
    CredentialsStrategy,
    PanelSessionStrategy,
    { provide: APP_GUARD, useClass: SourceLimitGuard },
    { provide: APP_GUARD, useClass: CallerGuard },
    { provide: APP_GUARD, useClass: ActivatedGuard },
    { provide: APP_GUARD, useClass: AdminGuard },
    { provide: APP_GUARD, useClass: AdmittedLimitGuard },
    { provide: APP_GUARD, useClass: TargetLimitGuard },
    { provide: APP_GUARD, useClass: BodyGuard },
  ],
  exports: [ApiKeysService, PanelSessions, PanelSessionsRepository, RefusedAttempts],
})
export class AuthModule {}
