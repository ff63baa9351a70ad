import { Module } from '@nestjs/common';
import { LogSmsSender } from './log-sms-sender.js';
import { SmsSender } from './sms-sender.js';

/** SMS to phones, by the adapter that SMS_DRIVER names. */
@Module({ providers: [{ provide: SmsSender, useClass: LogSmsSender }], exports: [SmsSender] })
export class SmsModule {}
