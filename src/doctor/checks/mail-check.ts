import type { Settings } from '../../config/settings.js';
import { SmtpPool } from '../../mail/smtp-pool.js';
import type { Check, Verdict } from '../finding.js';
import { askExternalService, onlyPrinted } from './outbound-check.js';

/** Checks whether the mail server accepts the login. Sends nothing. */
export class MailCheck implements Check {
  readonly name = 'mail';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { mail } = this.settings;
    if (mail.driver === 'log') return [onlyPrinted(this.settings, 'mails', 'MAIL_DRIVER=smtp')];
    const { host, port, encryption, credentials, ehloName } = mail;
    const question = async (signal: AbortSignal) => {
      await new SmtpPool(mail).verify(signal);
      const security = { none: 'without encryption', starttls: 'by STARTTLS', tls: 'by TLS' }[encryption];
      return `the mail server ${host}:${port} answers ${security}${credentials ? ' and accepts the login' : ''}`;
    };
    const advice = `Check the MAIL_ settings and whether the server runs. This service sends EHLO ${ehloName} (MAIL_EHLO_NAME).`;
    return [await askExternalService(this.settings, question, advice)];
  }
}
