import { printMessage } from '../common/print-message.js';
import { type Mail, Mailer } from './mailer.js';

/** Prints mails instead of sending them: MAIL_DRIVER=log. */
export class LogMailer extends Mailer {
  async send(mail: Mail): Promise<void> {
    printMessage('mail', mail.to, text(mail));
  }
}

function text(mail: Mail): string {
  switch (mail.kind) {
    case 'activation':
      return `activation code ${mail.code} for ${mail.account}`;
    case 'email-confirmation':
      return `confirm this address for ${mail.account} at ${mail.link}, or with the code ${mail.code}`;
    case 'email-changed':
      return `the e-mail address of ${mail.account} is now ${mail.newEmail}`;
    case 'password-set':
      return `a password was set for ${mail.account}`;
  }
}
