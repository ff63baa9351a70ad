import { Api } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import { confirmEmail, confirmationPathOf, requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { MailServer, type ReceivedMail } from '../support/external/mail-server.js';

const HEADERS = ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'];

/** What somebody might try in the place of an address. */
const ADDRESSES = [
  'a@example.org\r\nBcc: x@example.net',
  'a@example.org\nBcc: x@example.net',
  'a@example.org\r\n\r\nforged text',
  'a@example.org\u0000',
  'a@example.org%0d%0aBcc:x@example.net',
  'a@example.org, c@example.net',
  'a@example.org,c@example.net',
  'a@example.org;c@example.net',
  'a@example.org c@example.net',
  'a@example.org>\r\nRCPT TO:<c@example.net',
  'a@example.org> NOTIFY=SUCCESS',
  '<a@example.org>',
  'John <a@example.org>',
  'a@example.org (john)',
  'list:a@example.org,c@example.net;',
  '"a\r\nBcc: x"@example.org',
  '"a b"@example.org',
  '=?utf-8?q?a=40example.org=0d=0aBcc:_x=40example.net?=',
  '=?utf-8?q?a?=@example.org\tx',
  '-oQ/tmp -X/tmp/x@example.org ',
  '@relay.example.net:a@example.org',
  'a@[127.0.0.1]',
  'a@localhost',
  'a@ex\u00e4mple.org',
  '\u00e4@example.org',
  'a@example.org\u2028Bcc: x@example.net',
];

/** Valid, odd as they are: each is one mailbox. */
const ODD_ADDRESSES = [
  'o\u0027neil&co@example.org',
  'a=b{c}|d@example.org',
  '#!$%*+-/?^_`~@example.org',
  'a..b@example.org',
  '"a"@example.org',
  '"a;b"@example.org',
  '"a:b"@example.org',
  '"a\\"b"@example.org',
  '"<b@example.net>"@example.org',
  '{{code}}@example.org',
];

const headersOf = ({ headerLines }: ReceivedMail) => headerLines.map(({ key }) => key).toSorted();

describe('Nothing smuggled into a mail', () => {
  let server: MailServer;
  let api: Api;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    ({ api, server, stop } = await startMailingApi());
  });
  beforeEach(() => {
    server.received.length = 0;
    server.commands.length = 0;
  });
  afterAll(() => stop());

  /** Each mail went to just this address, which its header says too, below the usual headers. */
  function expectOneReceiver(address: string): void {
    for (const mail of server.received) {
      expect(mail.envelope.to).toEqual([address]);
      expect([mail.to].flat().flatMap((to) => to?.value)).toMatchObject([{ address }]);
      expect(headersOf(mail)).toEqual(HEADERS);
    }
  }

  it.each(ADDRESSES)('gets through the body of a request: %j', async (email) => {
    expect((await signUp(api, email)).answer.status).toBe(422);
    expect((await requestEmail(api, await api.given.account(), email)).status).toBe(422);
    expect(server.commands).toEqual([]);
    expect(server.received).toEqual([]);
  });

  it.each(ADDRESSES)('gets through the database, where a first password is told: %j', async (email) => {
    const account = await api.given.account({ email, stored: [] });
    expect((await setFirstPassword(api, account)).status).toBe(200);
    expect(await api.count('passwords', 'account_id = ?', [account.id])).toBe(1);
    expect(server.received).toEqual([]);
    expect(server.commands).toEqual([]);
  });

  it.each(['old@example.org\r\nBcc: x@example.net', 'a@example.org, c@example.net'])(
    'gets through an old address in the database, where a change is told: %j',
    async (email) => {
      const account = await api.given.account({ email });
      await requestEmail(api, account, 'new@example.org');
      const path = confirmationPathOf(server.last);
      expect((await confirmEmail(api, path)).status).toBe(200);
      expect(server.received.map(({ envelope }) => envelope.to)).toEqual([['new@example.org']]);
      expect((await api.withKey(account).get('/api/accounts/me')).json).toMatchObject({ email: 'new@example.org' });
    },
  );

  it('gets through a new address in the database, which is named in the mail to the old one', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    await requestEmail(api, account, 'new@example.org');
    const path = confirmationPathOf(server.last);
    const forged = '<b>x</b>\r\nBcc: x@example.net';
    await api.sql('UPDATE email_changed SET new_email = ? WHERE account_id = ?', [forged, account.id]);
    server.received.length = 0;
    expect((await confirmEmail(api, path)).status).toBe(200);
    expectOneReceiver('old@example.org');
    expect(server.received).toHaveLength(1);
    expect(server.last.html || '').not.toContain('<b>');
  });

  it.each(ODD_ADDRESSES)('gets through an address that is odd and valid, or it is refused: %s', async (email) => {
    const { status } = (await signUp(api, email)).answer;
    expect([200, 422]).toContain(status);
    expect(server.received).toHaveLength(status === 200 ? 1 : 0);
    expectOneReceiver(email);
  });

  it('gets through an address inside an address', async () => {
    const email = '"a,b@example.net"@example.org';
    // Not every server takes it.
    expect([200, 422, 503]).toContain((await signUp(api, email)).answer.status);
    expectOneReceiver(email);
  });

  it('gets through an address that looks like an encoded word: only the header can be read as another one', async () => {
    await signUp(api, '=?utf-8?q?x=40example=2enet=0d=0aBcc=20y?=@example.org');
    expect(server.received.map(({ envelope }) => envelope.to)).toEqual([
      ['=?utf-8?q?x=40example=2enet=0d=0aBcc=20y?=@example.org'],
    ]);
    expect(headersOf(server.last)).toEqual(HEADERS);
  });

  it.each([
    '<b onclick="x">&amp;',
    'x\r\nBcc: x@example.net',
    'x\r\n\r\n.\r\nMAIL FROM:<x@example.net>\r\n',
    'x\r\n.\r\nQUIT\r\n',
    'x\n.\n<b >',
    '{{code}}{{{link}}}',
    '\u202egro.elpmaxe@x',
    '\u0007\u001b[31m',
    'j\u00f6rg \ud83d\ude00 "quoted"',
  ])('gets through the name of an account that others wrote into the database: %j', async (username) => {
    const account = await api.given.account({ email: 'old@example.org' });
    await requestEmail(api, account, 'new@example.org');
    const path = confirmationPathOf(server.last);
    await api.sql('UPDATE accounts SET username = ? WHERE id = ?', [username, account.id]);
    server.received.length = 0;
    server.commands.length = 0;
    expect((await confirmEmail(api, path)).status).toBe(200);
    expectOneReceiver('old@example.org');
    expect(server.received).toHaveLength(1);
    expect(server.commands).toEqual(['RSET', 'MAIL', 'RCPT', 'DATA']);
    const [, escaped = ''] =
      /the account sip:([!-~]+)@sip\.example\.org is now new@example\.org/.exec(server.last.text ?? '') ?? [];
    expect(decodeURIComponent(escaped)).toBe(username);
    expect(server.last.html || '').not.toMatch(/<b /);
  });
});

describe('The names that an operator gives', () => {
  it.each([
    'J\u00fcrgens "Telefon" & S\u00f6hne',
    'Evil <x@example.net>, other',
    'Gro\u00dfe \ud83d\udcde\ud83d\ude00',
    "O'Neil; (comment) \\ back",
    '<b>bold</b> & {{code}}',
    '@:,;<>[]',
    '\u202e\u200b\u05e9\u05dc\u05d5\u05dd',
    '\u96fb\u8a71'.repeat(32),
    'a long name '.repeat(5),
  ])('stand in From, Subject and text just as they are: %s', async (given) => {
    const name = given.trim();
    const names = { APP_NAME: name, MAIL_FROM_NAME: name, MAIL_SIGNATURE: name };
    const { api, server, stop } = await startMailingApi(names);
    try {
      expect((await signUp(api)).answer.status).toBe(200);
      expect(server.last.from?.value).toEqual([{ address: 'accounts@example.org', name }]);
      expect(server.last.subject).toBe(`${name}: your activation code`);
      expect(server.last.text?.trimEnd().endsWith(`\n${name}`)).toBe(true);
      expect(server.last.html || '').not.toContain('<b>');
      expect(server.last.envelope).toEqual({ from: 'accounts@example.org', to: ['john@example.org'] });
      expect(server.last.raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
    } finally {
      await stop();
    }
  });

  it.each([
    ['APP_NAME', 'x\r\nBcc: x@example.net'],
    ['APP_NAME', 'x\nBcc: x@example.net'],
    ['APP_NAME', 'x\u0000'],
    ['APP_NAME', 'x\u0085y'],
    ['MAIL_FROM_NAME', 'x\r\nBcc: x@example.net'],
    ['MAIL_FROM_NAME', 'x\ty'],
    ['MAIL_FROM_ADDRESS', 'a@example.org\r\nBcc: x@example.net'],
    ['MAIL_FROM_ADDRESS', 'a@example.org, b@example.org'],
    ['MAIL_FROM_ADDRESS', 'John <a@example.org>'],
    ['MAIL_FROM_ADDRESS', 'nobody'],
  ])('are refused at start where they could break a header: %s=%j', async (name, value) => {
    const mail = { MAIL_DRIVER: 'smtp', MAIL_HOST: '127.0.0.1', MAIL_FROM_ADDRESS: 'accounts@example.org' };
    await expect(Api.start({ environment: { ...mail, [name]: value }, real: ['mail'] })).rejects.toMatchObject({
      mistakes: [expect.stringMatching(`^${name}: `) as string],
    });
  });
});
