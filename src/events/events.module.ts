import { Global, Module } from '@nestjs/common';
import { AccountEvents } from './account-events.service.js';

/** Events of accounts, for the log. */
@Global()
@Module({ providers: [AccountEvents], exports: [AccountEvents] })
export class EventsModule {}
