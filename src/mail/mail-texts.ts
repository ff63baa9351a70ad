import { formatDateTime } from '../database/columns/utc-date-time.js';
import type { MessageSettings } from '../config/outbound-settings.js';
import { TemplateInvalid, type Templates } from '../messages/templates.js';
import type { Mail } from './mailer.js';

/** Subject and body of a mail. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  /** Absent if the language has no HTML template for the mail. */
  readonly html?: string;
}

const KINDS: readonly Mail['kind'][] = ['activation', 'email-confirmation', 'email-changed', 'password-set'];

/** Sample values of a mail, for the check of the templates. */
const SAMPLE = {
  to: 'to',
  account: 'account',
  code: '(code)',
  link: '(link)',
  newEmail: 'address',
  expires: new Date(0),
};

/** The value without which a mail is useless. */
const NEEDED: Partial<Record<Mail['kind'], 'code' | 'link'>> = { activation: 'code', 'email-confirmation': 'link' };

/** Writes mails from templates. The first line of a text template is the subject. */
export class MailTexts {
  constructor(
    private readonly templates: Templates,
    private readonly settings: MessageSettings,
  ) {
    for (const language of templates.languages) for (const kind of KINDS) this.checkTemplate(language, kind);
  }

  write(mail: Mail): MailText {
    return this.inLanguage(this.templates.languageFor(`mail/${mail.kind}.txt`, mail.acceptLanguage), mail);
  }

  private inLanguage(language: string, mail: Mail): MailText {
    const values = this.valuesOf(mail);
    const [first = '', ...lines] = this.templates
      .render(language, `mail/${mail.kind}.txt`, { ...values, subject: '' })
      .split('\n');
    const subject = first.replace(/^Subject:\s*/, '').trim();
    const html = `mail/${mail.kind}.html`;
    return {
      subject,
      text: lines.join('\n').trimStart(),
      html: this.templates.has(language, html)
        ? this.templates.render(language, html, { ...values, subject })
        : undefined,
    };
  }

  private valuesOf(mail: Mail): Record<string, string> {
    const { application, signature } = this.settings;
    const shared = { application, signature, account: mail.account };
    switch (mail.kind) {
      case 'activation':
        return { ...shared, code: mail.code, expires: toMinutes(mail.expires) };
      case 'email-confirmation':
        return { ...shared, link: mail.link, code: mail.code, expires: toMinutes(mail.expires) };
      case 'email-changed':
        return { ...shared, newEmail: mail.newEmail };
      case 'password-set':
        return shared;
    }
  }

  /** Checks a template at start, so that an unusable one does not fail with the first mail. */
  private checkTemplate(language: string, kind: Mail['kind']): void {
    const file = `mail/${kind}.txt`;
    if (!this.templates.has(language, file)) return;
    const mail = { ...SAMPLE, kind } as Mail;
    const values = { ...this.valuesOf(mail), subject: 'subject' };
    const files = [file, `mail/${kind}.html`].filter((name) => this.templates.has(language, name));
    for (const name of files) this.templates.check(language, name, values, NEEDED[kind]);
    if (!this.templates.render(language, file, values).startsWith('Subject:')) {
      throw new TemplateInvalid(`${language}/${file}`, 'it does not begin with "Subject:"');
    }
  }
}

/** `2026-11-25 15:58`, without the seconds. */
function toMinutes(date: Date): string {
  return formatDateTime(date).slice(0, 16);
}
