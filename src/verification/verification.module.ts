import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { PushModule } from '../push/push.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { MessageSender } from './message-sender.service.js';
import { Verification } from './verification.service.js';

/** Proofs: secrets that are sent to users and redeemed by them. */
@Module({
  imports: [MailModule, SmsModule, PushModule],
  providers: [MessageSender, Verification],
  exports: [MessageSender, Verification],
})
export class VerificationModule {}
