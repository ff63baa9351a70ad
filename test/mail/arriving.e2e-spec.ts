import { Api, PUBLIC_URL } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import { confirmEmail, confirmationPathOf, requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { MailServer, type ReceivedMail } from '../support/external/mail-server.js';

/** What may stand above a mail: a header that is not here was smuggled in, or tells something of the machine. */
const HEADERS = [
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];

const SETTINGS = {
  APP_NAME: 'Phones of Example',
  MAIL_FROM_NAME: 'The Example Team',
  MAIL_SIGNATURE: 'Kind regards\nExample & Co',
};

const htmlOf = ({ html }: ReceivedMail) => html || '';

describe('The mails, as they arrive', () => {
  let server: MailServer;
  let api: Api;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    ({ api, server, stop } = await startMailingApi(SETTINGS));
  });
  beforeEach(() => {
    server.received.length = 0;
  });
  afterAll(() => stop());

  /** Each way to cause a mail, who gets it, and the account it is about. */
  const causes = {
    activation: async () => {
      const { body } = await signUp(api, 'new@example.org');
      return { to: 'new@example.org', sip: `${body.username}@sip.example.org` };
    },
    'email-confirmation': async () => {
      const account = await api.given.account({ email: 'old@example.org' });
      await requestEmail(api, account, 'new@example.org');
      return { to: 'new@example.org', sip: account.sip };
    },
    'email-changed': async () => {
      const { sip } = await causes['email-confirmation']();
      await confirmEmail(api, confirmationPathOf(server.last));
      return { to: 'old@example.org', sip };
    },
    'password-set': async () => {
      const account = await api.given.account({ email: 'old@example.org', stored: [] });
      await setFirstPassword(api, account);
      return { to: 'old@example.org', sip: account.sip };
    },
  };

  describe.each([
    ['activation', 'Phones of Example: your activation code'],
    ['email-confirmation', 'Phones of Example: confirm your e-mail address'],
    ['email-changed', 'Phones of Example: your e-mail address was changed'],
    ['password-set', 'Phones of Example: your password was set'],
  ] as const)('the mail of the kind %s', (kind, subject) => {
    it('goes to whom it concerns, and to nobody else', async () => {
      const { to } = await causes[kind]();
      expect(server.last.envelope).toEqual({ from: 'accounts@example.org', to: [to] });
      expect(server.last.to).toMatchObject({ value: [{ address: to, name: '' }] });
    });

    it('has the sender and subject that the settings say, a date and an id, and wants no automatic answer', async () => {
      await causes[kind]();
      expect(server.last.from?.value).toEqual([{ address: 'accounts@example.org', name: 'The Example Team' }]);
      expect(server.last.subject).toBe(subject);
      expect(server.last.headers.get('auto-submitted')).toBe('auto-generated');
      expect(server.last.messageId).toMatch(/^<[^@\s]+@example\.org>$/);
      expect(Math.abs(Date.now() - Number(server.last.date))).toBeLessThan(60_000);
      expect(server.last.headerLines.map(({ key }) => key).toSorted()).toEqual(
        HEADERS.filter((name) => name !== 'content-transfer-encoding'),
      );
    });

    it('names the account, the application and the signature in both of its parts', async () => {
      const { sip } = await causes[kind]();
      expect(server.last.raw).toMatch(/^Content-Type: multipart\/alternative;/m);
      expect(server.last.text).toContain(sip);
      expect(server.last.text).toMatch(/\n-- ?\nKind regards\nExample & Co\s*$/);
      expect(htmlOf(server.last)).toContain(sip);
      expect(htmlOf(server.last)).toContain('Kind regards\nExample &amp; Co');
      expect(htmlOf(server.last)).toContain(`<title>${subject}</title>`);
      expect(htmlOf(server.last)).toContain('<html lang="en">');
      expect(server.last.attachments).toEqual([]);
    });

    it('keeps to lines and characters that every server takes', async () => {
      await causes[kind]();
      const lines = server.last.raw.split('\r\n');
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
      expect(server.last.raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
      expect(server.last.raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    });
  });

  it('bring an activation code in both parts, with which the account is activated', async () => {
    const { body } = await signUp(api);
    const [, code = ''] = /^ +([A-Za-z0-9]{13})$/m.exec(server.last.text ?? '') ?? [];
    expect(htmlOf(server.last)).toContain(`<code>${code}</code>`);
    const answer = await api
      .anonymous()
      .post(`/api/accounts/${body.username}@sip.example.org/activate/email`, { code });
    expect(answer.json).toMatchObject({ activated: true, email: 'john@example.org' });
  });

  it('bring a link in both parts, under the public URL, with which the new address is confirmed', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    expect((await requestEmail(api, account, 'new@example.org')).status).toBe(200);
    const mail = server.last;
    const path = confirmationPathOf(mail);
    expect(mail.text).toContain(`\n    ${PUBLIC_URL}${path}\n`);
    expect(htmlOf(mail)).toContain(`<a href="${PUBLIC_URL}${path}">${PUBLIC_URL}${path}</a>`);

    expect((await confirmEmail(api, path)).status).toBe(200);
    expect((await api.withKey(account).get('/api/accounts/me')).json).toMatchObject({ email: 'new@example.org' });
    expect(server.received.map(({ envelope }) => envelope.to)).toEqual([['new@example.org'], ['old@example.org']]);
    expect(server.last.text).toContain('new@example.org');
    expect(htmlOf(server.last)).toContain('new@example.org');
  });

  it('say until when a code or a link can be used', async () => {
    for (const kind of ['activation', 'email-confirmation'] as const) {
      const before = api.given.moment(86_400).slice(0, 16);
      await causes[kind]();
      const after = api.given.moment(86_400).slice(0, 16);
      for (const part of [server.last.text ?? '', htmlOf(server.last)]) {
        const [, said = ''] = /valid until (\d{4}-\d\d-\d\d \d\d:\d\d) \(UTC\)/.exec(part) ?? [];
        expect([before, after]).toContain(said);
      }
    }
  });

  it('do not tell the password that was set', async () => {
    await causes['password-set']();
    expect(server.last.text).not.toContain('a first password');
    expect(htmlOf(server.last)).not.toContain('a first password');
  });

  it('are not sent where an address is the current one, or a password is not the first', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    expect((await requestEmail(api, account, 'old@example.org')).status).toBe(422);
    const change = { algorithm: 'SHA-256', password: 'another one', old_password: account.password };
    expect((await api.withKey(account).post('/api/accounts/me/password', change)).status).toBe(200);
    expect(server.received).toEqual([]);
  });
});

describe('The mails where little is set', () => {
  it('are sent and signed by the name of the application', async () => {
    const { api, server, stop } = await startMailingApi();
    try {
      await signUp(api);
      expect(server.last.from?.value).toEqual([{ address: 'accounts@example.org', name: 'Flexisip API' }]);
      expect(server.last.subject).toBe('Flexisip API: your activation code');
      expect(server.last.text).toMatch(/\n-- ?\nFlexisip API\s*$/);
    } finally {
      await stop();
    }
  });
});
