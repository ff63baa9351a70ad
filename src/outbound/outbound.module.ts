import { Global, Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { limitConnectionAttempts } from './connection-attempts.js';
import { OutboundCalls } from './outbound-calls.service.js';
import { harmWithoutRedis, SHARED_REDIS, SharedRedis } from './shared-redis.js';

/** Returns null if nothing is stored in the shared Redis. The registrar has a connection of its own. */
function createSharedRedis(settings: Settings): SharedRedis | null {
  const harm = harmWithoutRedis(settings);
  return settings.sharedRedis && harm !== null
    ? new SharedRedis(settings.sharedRedis, harm, settings.nonceStore === 'redis')
    : null;
}

/** Outbound calls, and the Redis that the processes of one service share. */
@Global()
@Module({
  providers: [OutboundCalls, { provide: SHARED_REDIS, useFactory: createSharedRedis, inject: [Settings] }],
  exports: [OutboundCalls, SHARED_REDIS],
})
export class OutboundModule {
  constructor({ outboundTimeout }: Settings) {
    limitConnectionAttempts(outboundTimeout);
  }
}
