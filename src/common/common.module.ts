import { Global, Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Clock } from './clock.js';
import { Neighbours } from './neighbours/neighbours.service.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** What every route passes on its way in and out, the clock, and the way to neighbours. */
@Global()
@Module({
  providers: [Clock, Neighbours, { provide: APP_PIPE, useClass: ValidationPipe }],
  exports: [Clock, Neighbours],
})
export class CommonModule {}
