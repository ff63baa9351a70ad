import { Global, Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Clock } from './clock.js';
import { Draining } from './draining.js';
import { Settings } from '../config/settings.js';
import { limitConnectionAttempts } from './neighbours/connection-attempts.js';
import { harmWithoutRedis, SHARED_REDIS, SharedRedis } from './neighbours/shared-redis.js';
import { Neighbours } from './neighbours/neighbours.service.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** Where nothing is shared none is needed: the registrar has a connection of its own. */
function createSharedRedis(settings: Settings): SharedRedis | null {
  const harm = harmWithoutRedis(settings);
  return settings.sharedRedis && harm !== null ? new SharedRedis(settings.sharedRedis, harm, settings.nonceStore === 'redis') : null;
}

/** What every route passes on its way in and out, the clock, and the way to neighbours. */
@Global()
@Module({
  providers: [
    Clock,
    Draining,
    Neighbours,
    { provide: APP_PIPE, useClass: ValidationPipe },
    { provide: SHARED_REDIS, useFactory: createSharedRedis, inject: [Settings] },
  ],
  exports: [Clock, Draining, Neighbours, SHARED_REDIS],
})
export class CommonModule {
  constructor({ neighbourTimeout }: Settings) {
    limitConnectionAttempts(neighbourTimeout);
  }
}
