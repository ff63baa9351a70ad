import { Module } from '@nestjs/common';
import { LogPushSender } from './log-push-sender.js';
import { PushSender } from './push-sender.js';

/** Pushes to devices, by the adapter that PUSH_DRIVER names. */
@Module({ providers: [{ provide: PushSender, useClass: LogPushSender }], exports: [PushSender] })
export class PushModule {}
