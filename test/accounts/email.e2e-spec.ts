import type { Mail } from '../../src/mail/mailer.js';
import { Api, PUBLIC_URL } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { confirmationSecretOf } from '../support/mail-routes.js';
import { refusal } from '../support/refusal.js';

const REQUEST = '/api/accounts/me/email/request';

describe('POST /accounts/me/email/request', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  const request = (account: GivenAccount, email: unknown) => api.withKey(account).post(REQUEST, { email });
  const pending = async (account: GivenAccount) =>
    (await api.withKey(account).get('/api/accounts/me')).json.email_changed;
  const emailOf = async (account: GivenAccount) => (await api.withKey(account).get('/api/accounts/me')).json.email;

  it('mails a link on the public URL to the new address, and to nobody else', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const before = api.mails.delivered.length;
    expect(await request(account, 'new@example.org')).toMatchObject({ status: 200, text: '{}' });
    const mails = api.mails.delivered.slice(before);
    expect(mails).toEqual([
      {
        kind: 'email-confirmation',
        to: 'new@example.org',
        account: `sip:${account.sip}`,
        link: expect.stringContaining(`${PUBLIC_URL}/account/`),
        code: expect.stringMatching(/^\d{4}$/),
        expires: expect.any(Date),
        acceptLanguage: undefined,
      },
    ]);
  });

  it('builds the link on the public URL whatever Host and proxy headers say', async () => {
    const account = await api.given.account();
    const headers = {
      host: 'evil.example.net',
      'x-forwarded-host': 'evil.example.net',
      'content-type': 'application/json',
    };
    await api.withKey(account).send({ method: 'POST', path: REQUEST, headers, body: '{"email":"new@example.org"}' });
    expect(api.mails.last).toMatchObject({ link: expect.stringContaining(`${PUBLIC_URL}/account/`) });
  });

  it('changes no address yet, and shows the change as pending', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    await request(account, 'new@example.org');
    expect(await emailOf(account)).toBe('old@example.org');
    expect(await pending(account)).toEqual({
      new_email: 'new@example.org',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    });
  });

  it('keeps the secret of the link out of the database, the answer and the log', async () => {
    const account = await api.given.account();
    const before = api.log.length;
    const answer = await request(account, 'new@example.org');
    const secret = confirmationSecretOf(api.mails.last);
    expect(secret.length).toBeGreaterThanOrEqual(20);
    const rows = await api.sql('SELECT new_email, hash FROM email_changed WHERE account_id = ?', [account.id]);
    expect(rows).toHaveLength(1);
    for (const place of [JSON.stringify(rows), answer.text, api.log.slice(before).join('')])
      expect(place).not.toContain(secret);
  });

  it('draws another secret and code each time', async () => {
    const account = await api.given.account();
    const secrets = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      await request(account, 'new@example.org');
      secrets.add(confirmationSecretOf(api.mails.last));
      api.clock.advance(30);
    }
    expect(secrets.size).toBe(3);
  });

  it('sends the same link and code to a request that follows at once', async () => {
    const account = await api.given.account();
    await request(account, 'new@example.org');
    api.clock.advance(29);
    await request(account, 'new@example.org');
    const [first, second] = api.mails.delivered.slice(-2);
    expect({ ...second, expires: null }).toEqual({ ...first, expires: null });
    await request(account, 'other@example.org');
    expect(confirmationSecretOf(api.mails.last)).not.toBe(confirmationSecretOf(first as Mail));
  });

  it('sends one link and code to twenty requests at once', async () => {
    const account = await api.given.account();
    const before = api.mails.delivered.length;
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(account, 'new@example.org')));
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(new Set(api.mails.delivered.slice(before).map(confirmationSecretOf)).size).toBe(1);
  });

  it('replaces an older request', async () => {
    const account = await api.given.account();
    await request(account, 'first@example.org');
    await request(account, 'second@example.org');
    expect(await pending(account)).toMatchObject({ new_email: 'second@example.org' });
    expect(await api.count('email_changed', 'account_id = ?', [account.id])).toBe(1);
  });

  it('keeps one of many requests at the same time', async () => {
    const account = await api.given.account();
    const addresses = Array.from({ length: 10 }, (_, index) => `new${index}@example.org`);
    const answers = await Promise.all(addresses.map((address) => request(account, address)));
    expect(answers.map(({ status }) => status)).toEqual(addresses.map(() => 200));
    expect(await api.count('email_changed', 'account_id = ?', [account.id])).toBe(1);
    expect(addresses).toContain((await pending(account)).new_email);
  });

  it('works by Digest', async () => {
    const account = await api.given.account();
    expect((await api.withDigest(account).post(REQUEST, { email: 'new@example.org' })).status).toBe(200);
  });

  it('takes an address of exactly 64 characters', async () => {
    const email = `${'a'.repeat(40)}@${'b'.repeat(19)}.org`;
    expect(email).toHaveLength(64);
    expect((await request(await api.given.account(), email)).status).toBe(200);
  });

  it('takes an address that differs from the current one by case alone: addresses are taken as they are', async () => {
    const account = await api.given.account({ email: 'same@example.org' });
    expect((await request(account, 'Same@example.org')).status).toBe(200);
    expect(await pending(account)).toMatchObject({ new_email: 'Same@example.org' });
  });

  it('takes an address that another account has: it need not be unique', async () => {
    await api.given.account({ email: 'shared@example.org' });
    expect((await request(await api.given.account(), 'shared@example.org')).status).toBe(200);
  });

  describe('with a mail that is not delivered', () => {
    it.each(['fail', 'break'] as const)(
      'answers 503 and leaves the earlier request as it was, should the mailer %s',
      async (mishap) => {
        const account = await api.given.account();
        await request(account, 'first@example.org');
        const before = await api.sql('SELECT new_email, hash FROM email_changed WHERE account_id = ?', [account.id]);
        api.mails[mishap]();
        try {
          expect(refusal(await request(account, 'second@example.org'))).toBe('503 mail_not_delivered');
        } finally {
          api.mails.recover();
        }
        expect(await api.sql('SELECT new_email, hash FROM email_changed WHERE account_id = ?', [account.id])).toEqual(
          before,
        );
        expect(await pending(account)).toMatchObject({ new_email: 'first@example.org' });
      },
    );

    it('leaves no request where there was none', async () => {
      const account = await api.given.account();
      api.mails.fail();
      try {
        expect(refusal(await request(account, 'new@example.org'))).toBe('503 mail_not_delivered');
      } finally {
        api.mails.recover();
      }
      expect(await pending(account)).toBeNull();
    });
  });

  describe('refuses', () => {
    it('the current address', async () => {
      const account = await api.given.account({ email: 'same@example.org' });
      const before = api.mails.attempts;
      expect(refusal(await request(account, 'same@example.org'))).toBe('422 email_unchanged email');
      expect(api.mails.attempts).toBe(before);
      expect(await pending(account)).toBeNull();
    });

    it.each([
      ['missing', undefined],
      ['null', null],
      ['empty', ''],
      ['a number', 5],
      ['a boolean', true],
      ['a list', ['new@example.org']],
      ['an object', { email: 'new@example.org' }],
      ['without @', 'new.example.org'],
      ['without a domain', 'new@'],
      ['without a local part', '@example.org'],
      ['with two @', 'new@example.org@example.org'],
      ['with a blank before', ' new@example.org'],
      ['with a blank behind', 'new@example.org '],
      ['with a line end', 'new@example.org\n'],
      ['with another header', 'new@example.org\r\nBcc: all@example.org'],
      ['a list of two', 'new@example.org,other@example.org'],
      ['with a display name', 'New <new@example.org>'],
      ['longer than 64', `${'a'.repeat(40)}@${'b'.repeat(20)}.org`],
    ])('an address that is %s, and mails nothing', async (_name, email) => {
      const account = await api.given.account();
      const before = api.mails.attempts;
      expect(refusal(await request(account, email))).toBe('422 validation_failed email');
      expect(api.mails.attempts).toBe(before);
      expect(await pending(account)).toBeNull();
    });

    it('its member in the query', async () => {
      const answer = await api.withKey(await api.given.account()).post(`${REQUEST}?email=new@example.org`, {});
      expect(refusal(answer)).toBe('422 validation_failed email');
    });

    it('a caller without credentials', async () => {
      const { from } = await api.given.account();
      const answer = await api.anonymous().send({ method: 'POST', path: REQUEST, headers: { from } });
      expect(refusal(answer)).toBe('401 authentication_required');
    });

    it('an account that is not activated', async () => {
      const turnedOff = await api.given.account({ activated: false });
      expect(refusal(await request(turnedOff, 'new@example.org'))).toBe('403 account_not_activated');
      const waiting = await api.given.inactiveAccount();
      expect(refusal(await request(waiting, 'new@example.org'))).toBe('403 account_unvalidated');
    });

    it('GET', async () => {
      const answer = await api.withKey(await api.given.account()).get(REQUEST);
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow).toBe('POST');
    });
  });
});
