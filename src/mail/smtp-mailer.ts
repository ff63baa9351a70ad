import type { OnApplicationShutdown } from '@nestjs/common';
import MailComposer from 'nodemailer/lib/mail-composer';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { isEmailAddress } from '../common/email-address.js';
import type { SmtpSettings } from '../config/outbound-settings.js';
import type { MailTexts } from './mail-texts.js';
import { type Mail, Mailer } from './mailer.js';
import { SmtpPool } from './smtp-pool.js';

/** Mails by SMTP (RFC 5321): MAIL_DRIVER=smtp. */
export class SmtpMailer extends Mailer implements OnApplicationShutdown {
  private readonly pool: SmtpPool;

  constructor(
    private readonly settings: SmtpSettings,
    private readonly texts: MailTexts,
  ) {
    super();
    this.pool = new SmtpPool(settings);
  }

  async send(mail: Mail, signal: AbortSignal): Promise<void> {
    const { to } = mail;
    // New addresses are validated when they arrive, but an older database may hold any text.
    if (!isEmailAddress(to))
      throw new OutboundCallFailed('the mail server', 'not asked, since the receiver is no e-mail address');
    const message = await this.compose(mail);
    await this.pool.send({ from: this.settings.from.address, to }, message, signal);
  }

  onApplicationShutdown(): void {
    this.pool.close();
  }

  private async compose(mail: Mail): Promise<Buffer> {
    const { subject, text, html } = this.texts.write(mail);
    const composer = new MailComposer({
      from: { ...this.settings.from },
      // An object, since a comma in a text would make two recipients.
      to: { name: '', address: mail.to },
      subject,
      text,
      html,
      // RFC 3834: prevents out-of-office replies.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return composer.compile().build();
  }
}
