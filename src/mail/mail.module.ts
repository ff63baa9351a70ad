import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { MessagesModule } from '../messages/messages.module.js';
import { Templates } from '../messages/templates.js';
import { LogMailer } from './log-mailer.js';
import { MailTexts } from './mail-texts.js';
import { Mailer } from './mailer.js';
import { SmtpMailer } from './smtp-mailer.js';

function createMailer({ mail, messages }: Settings, templates: Templates): Mailer {
  switch (mail.driver) {
    case 'log':
      return new LogMailer();
    case 'smtp':
      return new SmtpMailer(mail, new MailTexts(templates, messages));
  }
}

/** Sends mails through the adapter that MAIL_DRIVER names. */
@Module({
  imports: [MessagesModule],
  providers: [{ provide: Mailer, useFactory: createMailer, inject: [Settings, Templates] }],
  exports: [Mailer],
})
export class MailModule {}
