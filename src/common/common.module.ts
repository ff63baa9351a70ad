import { Global, Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Clock } from './clock.js';
import { Settings } from '../config/settings.js';
import { SHARED_REDIS, SharedRedis } from './neighbours/shared-redis.js';
import { Neighbours } from './neighbours/neighbours.service.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** Without limits or nonces there is nothing to share: the registrar has a connection of its own. */
function createSharedRedis({ sharedRedis, limits, nonceStore }: Settings): SharedRedis | null {
  const isNeeded = nonceStore === 'redis' || Object.values(limits).some((most) => most > 0);
  const without = ['limits hold within each process', ...(nonceStore === 'redis' ? ['calls by Digest are refused'] : [])];
  return sharedRedis && isNeeded ? new SharedRedis(sharedRedis, without.join(', and ')) : null;
}

/** What every route passes on its way in and out, the clock, and the way to neighbours. */
@Global()
@Module({
  providers: [
    Clock,
    Neighbours,
    { provide: APP_PIPE, useClass: ValidationPipe },
    { provide: SHARED_REDIS, useFactory: createSharedRedis, inject: [Settings] },
  ],
  exports: [Clock, Neighbours, SHARED_REDIS],
})
export class CommonModule {}
