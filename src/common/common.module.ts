import { Global, Module } from '@nestjs/common';
import { Clock } from './clock.js';
import { Draining } from './draining.js';

/** The clock, and whether the process was told to stop. */
@Global()
@Module({ providers: [Clock, Draining], exports: [Clock, Draining] })
export class CommonModule {}
