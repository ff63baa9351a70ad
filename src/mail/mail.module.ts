import { Module } from '@nestjs/common';
import { LogMailer } from './log-mailer.js';
import { Mailer } from './mailer.js';

/** Mails to people, by the adapter that MAIL_DRIVER names. */
@Module({ providers: [{ provide: Mailer, useClass: LogMailer }], exports: [Mailer] })
export class MailModule {}
