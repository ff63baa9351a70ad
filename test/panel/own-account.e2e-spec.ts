import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { confirmationLinkOf } from '../support/mail-routes.js';
import { Visitor } from '../support/visitor.js';

describe('An account in the panel', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterEach(() => api.registrar.comeBack());
  afterAll(() => api.stop());

  async function signedIn(account: GivenAccount): Promise<Visitor> {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    return visitor;
  }

  it('sees its own data', async () => {
    const account = await api.given.account({
      email: 'john@example.org',
      phone: '+33612340001',
      stored: ['MD5', 'SHA-256'],
    });
    const visitor = await signedIn(account);
    for (const fact of [account.sip, 'john@example.org', '+33612340001', 'MD5, SHA-256'])
      expect(visitor.text).toContain(fact);
    expect(visitor.text).not.toMatch(/API key|All accounts/);
  });

  describe('its password', () => {
    const change = (visitor: Visitor, account: GivenAccount, entered: Record<string, string> = {}) =>
      visitor.submit('/account/password', {
        old_password: account.password,
        password: 'new words',
        repeat: 'new words',
        algorithm: 'SHA-256',
        ...entered,
      });

    it('is changed, for the telephone and the API too, and ends every other session', async () => {
      const account = await api.given.account({ stored: ['MD5'] });
      const [visitor, elsewhere] = [await signedIn(account), await signedIn(account)];
      await visitor.open('/account/password');
      await change(visitor, account);
      expect(visitor.path).toBe('/account');
      expect(visitor.text).toContain('The password is changed.');
      expect(await api.sql('SELECT algorithm FROM passwords WHERE account_id = ?', [account.id])).toEqual([
        { algorithm: 'SHA-256' },
      ]);
      expect((await api.withDigest(account, 'SHA-256', 'new words').get(ME)).status).toBe(200);
      expect((await visitor.open('/account/devices')).status).toBe(200);
      await elsewhere.open('/account');
      expect(elsewhere.path).toBe('/account/sign-in');
      // Over the API it ends all of them.
      const body = { algorithm: 'SHA-256', password: 'newer words', old_password: 'new words' };
      expect((await api.withKey(account).post(`${ME}/password`, body)).status).toBe(200);
      await visitor.open('/account');
      expect(visitor.path).toBe('/account/sign-in');
    });

    it.each<[string, Record<string, string>, string]>([
      ['the old one is wrong', { old_password: 'wrong' }, 'The old password is not right.'],
      ['the old one is missing', { old_password: '' }, 'The old password is not right.'],
      ['it is too short', { password: 'short', repeat: 'short' }, 'A password has 6 to 256 characters.'],
      ['it is repeated with a mistake', { repeat: 'new word' }, 'The two passwords differ.'],
      ['it is not repeated', { repeat: '' }, 'The two passwords differ.'],
      ['nobody knows the hash', { algorithm: 'SHA-512' }, 'Choose SHA-256 or MD5.'],
    ])('stays as it is where %s', async (_name, entered, message) => {
      const account = await api.given.account();
      const visitor = await signedIn(account);
      await visitor.open('/account/password');
      expect((await change(visitor, account, entered)).status).toBe(422);
      expect(visitor.text).toContain(message);
      expect(visitor.page.text).not.toMatch(/new word|short/);
      expect((await api.withDigest(account).get(ME)).status).toBe(200);
    });

    it.each<[('MD5' | 'SHA-256' | 'CLRTXT')[], string]>([
      [['MD5'], 'MD5'],
      [['SHA-256'], 'SHA-256'],
      [['MD5', 'SHA-256'], 'SHA-256'],
      [['CLRTXT'], 'SHA-256'],
    ])('stored as %s is offered to be stored as %s', async (stored, offered) => {
      const visitor = await signedIn(await api.given.account({ stored }));
      expect(/<option>([^<]*)/.exec((await visitor.open('/account/password')).text)?.[1]).toBe(offered);
    });
  });

  it('changes its e-mail address by the link that is mailed to the new one', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const visitor = await signedIn(account);
    await visitor.open('/account/email');
    expect((await visitor.submit('/account/email', { email: 'old@example.org' })).status).toBe(422);
    expect(visitor.text).toContain('This is already the e-mail address of the account.');
    expect((await visitor.submit('/account/email', { email: 'no address' })).status).toBe(422);
    expect(visitor.page.text).toContain('value="no address"');
    await visitor.submit('/account/email', { email: 'new@example.org' });
    expect(visitor.text).toContain('The e-mail is on its way.');
    expect(visitor.text).toContain('Waiting for the confirmation of new@example.org');
    // In a browser where nobody has signed in.
    const elsewhere = new Visitor(api, { 'accept-language': 'fr' });
    await elsewhere.open(new URL(confirmationLinkOf(api.mails.last)).pathname);
    expect(elsewhere.text).toContain('Confirmez votre adresse e-mail');
    await elsewhere.submit(elsewhere.path);
    expect(elsewhere.text).toContain(`new@example.org est maintenant l’adresse e-mail de sip:${account.sip}.`);
    expect((await visitor.open('/account')).text).toContain('new@example.org');
  });

  it('says that a mail or an SMS did not leave, and has changed nothing', async () => {
    const visitor = await signedIn(await api.given.account());
    api.mails.fail();
    api.messages.fail();
    await visitor.open('/account/email');
    expect((await visitor.submit('/account/email', { email: 'new@example.org' })).status).toBe(503);
    expect(visitor.text).toContain('The e-mail could not be sent.');
    await visitor.open('/account/phone');
    expect((await visitor.submit('/account/phone', { phone: '+33612340009' })).status).toBe(503);
    expect(visitor.text).toContain('The SMS could not be sent.');
    api.mails.recover();
    api.messages.recover();
  });

  it('changes its phone number by a code, with three tries', async () => {
    const account = await api.given.account();
    await api.given.account({ phone: '+33612340002' });
    const visitor = await signedIn(account);
    const request = async (phone: string) => {
      await visitor.open('/account/phone');
      return visitor.submit('/account/phone', { phone });
    };
    expect((await request('0612340003')).status).toBe(422);
    expect(visitor.text).toContain('Enter a number in international form');
    expect((await request('+33612340002')).status).toBe(422);
    expect(visitor.text).toContain('This phone number is already in use.');
    expect((await request('+33612340003')).status).toBe(200);
    expect(visitor.path).toBe('/account/phone/code');
    expect((await visitor.submit('/account/phone/code', { code: '12' })).status).toBe(422);
    const { code } = api.messages.last;
    for (const _ of [1, 2, 3]) {
      const wrong = { code: code === '0000' ? '1111' : '0000' };
      expect((await visitor.submit('/account/phone/code', wrong)).status).toBe(403);
      expect(visitor.text).toContain('The code is not right.');
    }
    expect((await visitor.submit('/account/phone/code', { code })).status).toBe(404);
    await request('+33612340003');
    await visitor.submit('/account/phone/code', { code: api.messages.last.code });
    expect(visitor.path).toBe('/account');
    expect(visitor.text).toContain('+33612340003');
  });

  it('sees its devices, and removes one', async () => {
    const account = await api.given.account();
    const times = { expiresAt: new Date('2026-11-25T11:00:00Z'), updatedAt: new Date('2026-11-25T10:00:00Z') };
    api.registrar.register(account, { ...times, uniqueId: '"<urn:uuid:one>"', userAgent: 'LinphoneAndroid/5.2.5 <b>' });
    api.registrar.register(account, { ...times, uniqueId: '"<urn:uuid:two>"', userAgent: '' });
    const visitor = await signedIn(account);
    const answer = await visitor.open('/account/devices');
    expect(answer.text).toContain('LinphoneAndroid/5.2.5 &lt;b>');
    expect(visitor.text).toContain('2026-11-25 10:00:00 UTC');
    expect(visitor.text).toContain('Unnamed device');
    await visitor.submit('/account/devices/remove');
    expect(visitor.text).toContain('The device is removed.');
    expect((await api.registrar.list(account)).map(({ uniqueId }) => uniqueId)).toEqual(['"<urn:uuid:two>"']);
    await visitor.post('/account/devices/remove', { ...visitor.forms()[0]?.fields, uuid: 'urn:uuid:one' });
    expect(visitor.page.status).toBe(404);
    api.registrar.goDown();
    expect((await visitor.open('/account/devices')).status).toBe(503);
    expect(visitor.text).toContain('The devices cannot be reached at the moment.');
  });

  it('is deleted when asked twice', async () => {
    const account = await api.given.account();
    const visitor = await signedIn(account);
    await visitor.open('/account/delete');
    expect(visitor.page.text).toContain('href="/flexiapi/account/delete/confirm"');
    await visitor.open('/account/delete/confirm');
    expect((await visitor.submit('/account/delete', { sip: 'somebody@else.org' })).status).toBe(422);
    expect(await api.count('accounts', 'id = ?', [account.id])).toBe(1);
    await visitor.submit('/account/delete', { sip: account.sip });
    expect(visitor.path).toBe('/account/sign-in');
    expect(visitor.text).toContain('The account is deleted.');
    for (const table of ['accounts WHERE id', 'passwords WHERE account_id', 'panel_sessions WHERE account_id'])
      expect(await api.sql(`SELECT * FROM ${table} = ?`, [account.id])).toEqual([]);
    expect((await visitor.signIn(account)).status).toBe(403);
  });

  it('is told only what the service itself says was done', async () => {
    const visitor = await signedIn(await api.given.account());
    for (const done of ['constructor', 'toString', '<b>', 'password']) {
      const answer = await visitor.open(`/account?done=${encodeURIComponent(done)}`);
      expect(answer.text.includes('role="status"')).toBe(done === 'password');
    }
  });
});

describe('Limits in the panel', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({
      environment: { RATE_LIMITS: 'on', LIMIT_EMAIL_REQUESTS: '2', LIMIT_FAILED_OLD_PASSWORDS: '2' },
    });
  });
  afterAll(() => api.stop());

  it('are those of the API, and told in words', async () => {
    const account = await api.given.account();
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    for (const email of ['one@example.org', 'two@example.org']) {
      await visitor.open('/account/email');
      expect((await visitor.submit('/account/email', { email })).status).toBe(200);
    }
    expect((await api.withKey(account).post(`${ME}/email/request`, { email: 'three@example.org' })).status).toBe(429);
    await visitor.open('/account/email');
    const refused = await visitor.submit('/account/email', { email: 'three@example.org' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(visitor.text).toContain('There were too many attempts.');
    const entered = { old_password: 'wrong', password: 'new words', repeat: 'new words', algorithm: 'MD5' };
    for (const status of [422, 422, 429]) {
      await visitor.open('/account/password');
      expect((await visitor.submit('/account/password', entered)).status).toBe(status);
    }
  });
});
