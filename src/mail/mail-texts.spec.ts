import * as fc from 'fast-check';
import { Templates } from '../messages/templates.js';
import { MailTexts } from './mail-texts.js';
import type { Mail } from './mailer.js';

const expires = new Date('2026-11-25T15:58:59Z');
const activation = {
  kind: 'activation',
  to: 'john@example.org',
  account: 'sip:john@sip.example.org',
  code: 'abc',
  expires,
} as const;

const texts = (application = 'Phones', signature = 'us') =>
  new MailTexts(new Templates(null), { application, signature, folder: null });

/** What a mail program shows of the HTML. */
const shown = (html: string) =>
  html.replace(/&(#x[0-9A-F]+|[a-z]+);/gi, (entity, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(parseInt(name.slice(2), 16));
    return { amp: '&', lt: '<', gt: '>', quot: '"' }[name] ?? entity;
  });

const MAILS: readonly Mail[] = [
  activation,
  {
    kind: 'email-confirmation',
    to: 'john@example.org',
    account: 'sip:john@sip.example.org',
    link: 'https://example.org/x',
    code: '0042',
    expires,
  },
  { kind: 'email-changed', to: 'john@example.org', account: 'sip:john@sip.example.org', newEmail: 'new@example.org' },
  { kind: 'password-set', to: 'john@example.org', account: 'sip:john@sip.example.org' },
];

describe('The texts of mails', () => {
  it('take the subject from the first line, and begin with the first line of text', () => {
    expect(texts().write(activation)).toMatchObject({
      subject: 'Phones: your activation code',
      text: expect.stringMatching(/^Hello,\n/) as string,
    });
  });

  it('say times in UTC, without seconds', () => {
    expect(texts().write(activation).text).toContain('until 2026-11-25 15:58 (UTC)');
  });

  it.each(MAILS.flatMap((mail) => ['en', 'fr'].map((language) => [mail.kind, language, mail] as const)))(
    'hold all that matters in both parts, with nothing left to fill in: %s in %s',
    (_kind, acceptLanguage, mail) => {
      const { subject, text, html = '' } = texts().write({ ...mail, acceptLanguage });
      const { kind: _, to: __, expires: ___, ...values } = { expires, ...mail } as Record<string, unknown>;
      for (const value of [...Object.values(values), ...('expires' in mail ? ['2026-11-25 15:58'] : []), 'us']) {
        expect(text).toContain(String(value));
        expect(shown(html)).toContain(String(value));
      }
      expect(subject).toMatch(/^Phones ?: /);
      for (const part of [subject, text, html]) expect(part).not.toMatch(/\{\{|\}\}|undefined|null|\[object/);
    },
  );

  it('carry every name, code and signature as it is in text, and escaped in HTML', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'<>&"\'`= {}/\\$ax{{é😀#!-'), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(nasty, nasty, nasty, (account, code, signature) => {
        const { text, html = '' } = texts('Phones', signature).write({ ...activation, account, code });
        for (const value of [account, code, signature]) {
          expect(text).toContain(value);
          expect(shown(html)).toContain(value);
        }
        const tags = (of: string) => of.match(/<[^>]*>/g);
        expect(tags(html)).toEqual(tags(texts('Phones', 'us').write(activation).html ?? ''));
      }),
    );
  });

  it('never make two lines of a subject', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab: \r\n\t\u2028\u0000\u0085') }), (application) => {
        expect(texts(application).write(activation).subject).not.toMatch(/\n/);
      }),
    );
  });
});
