import { JobRunner } from '../../src/jobs/job-runner.service.js';
import { Api, PUBLIC_URL } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';
import { Visitor } from '../support/visitor.js';

const HOURS = 3_600;

describe('Signing in to the panel', () => {
  let api: Api;
  let account: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    account = await api.given.account();
  });
  afterAll(() => api.stop());

  const sessions = () => api.count('panel_sessions');
  const sipAfter = async (visitor: Visitor) =>
    (await visitor.open('/account')).status === 200 && visitor.path === '/account' ? visitor.text : '';

  it.each<[string, ('MD5' | 'SHA-256' | 'CLRTXT')[]]>([
    ['MD5', ['MD5']],
    ['SHA-256', ['SHA-256']],
    ['both', ['MD5', 'SHA-256']],
    ['clear text', ['CLRTXT']],
  ])('works with a password stored as %s', async (_name, stored) => {
    const somebody = await api.given.account({ stored });
    const visitor = new Visitor(api);
    expect((await visitor.signIn(somebody)).status).toBe(200);
    expect(visitor.path).toBe('/account');
    expect(visitor.text).toContain(somebody.sip);
  });

  it.each(['sip:%s', 'SIP:%s', ' %s ', '%s', '<sip:%s>', 'sip:%s;transport=tls'])(
    'takes an address written as "%s"',
    async (form) => {
      const visitor = new Visitor(api);
      await visitor.signIn({ ...account, sip: form.replace('%s', account.sip) });
      expect(visitor.path).toBe('/account');
    },
  );

  it('takes a username alone for one of the default domain, and says so', async () => {
    const visitor = new Visitor(api);
    await visitor.open('/account/sign-in');
    expect(visitor.text).toContain(
      'For example sip:john@sip.example.org. For an account in sip.example.org the username is enough.',
    );
    for (const sip of [account.username, ` sip:${account.username}`]) {
      await visitor.signIn({ ...account, sip });
      expect(visitor.text).toContain(`sip:${account.sip}`);
    }
    const elsewhere = await api.given.account({ domain: 'example.org' });
    expect((await new Visitor(api).signIn({ ...elsewhere, sip: elsewhere.username })).status).toBe(403);
  });

  it.each<[string, (given: GivenAccount) => Partial<GivenAccount>]>([
    ['a wrong password', () => ({ password: 'wrong' })],
    ['an address that nobody has', () => ({ sip: 'nobody@sip.example.org' })],
    ['the address of another domain', ({ username }) => ({ sip: `${username}@example.org` })],
    ['another case', ({ sip }) => ({ sip: sip.toUpperCase() })],
    ['what is no address', () => ({ sip: 'somebody' })],
    ['the stored hash', () => ({ password: 'c8a7f1d9' })],
  ])('is refused with %s, in the same words', async (_name, wrong) => {
    const before = await sessions();
    const visitor = new Visitor(api);
    const answer = await visitor.signIn({ ...account, ...wrong(account) });
    expect(answer.status).toBe(403);
    expect(visitor.text).toContain('The SIP address or the password is not right.');
    expect(answer.text).not.toContain(`value="${account.password}"`);
    expect(await sessions()).toBe(before);
    expect(visitor.cookies.has('flexisip_panel')).toBe(false);
  });

  it('shows again what was entered, but the password', async () => {
    const visitor = new Visitor(api);
    const answer = await visitor.signIn({ ...account, sip: '"><b>x@y', password: '<i>secret' });
    expect(answer.text).toContain('value="&quot;>&lt;b>x@y"');
    expect(answer.text).not.toContain('secret');
  });

  it('is refused to an account that is not activated, and ends when one is deactivated or deleted', async () => {
    const inactive = await api.given.inactiveAccount();
    expect((await new Visitor(api).signIn(inactive)).text).toContain('This account is not activated.');
    const somebody = await api.given.account();
    const visitor = new Visitor(api);
    await visitor.signIn(somebody);
    await api.sql('UPDATE accounts SET activated = 0 WHERE id = ?', [somebody.id]);
    expect((await visitor.open('/account')).status).toBe(403);
    await api.sql('UPDATE accounts SET activated = 1 WHERE id = ?', [somebody.id]);
    expect((await visitor.open('/account')).status).toBe(200);
    await api.sql('DELETE FROM accounts WHERE id = ?', [somebody.id]);
    await visitor.open('/account');
    expect(visitor.path).toBe('/account/sign-in');
  });

  it('keeps nothing of strangers', async () => {
    const before = await sessions();
    for (const path of ['/account', '/account/sign-in', '/account/accounts', '/account/style.css'])
      await new Visitor(api).open(path);
    expect(await sessions()).toBe(before);
  });

  it('sets a cookie that no script reads, that no other site sends with a form, only over https, and below the path of the public URL', async () => {
    const visitor = new Visitor(api);
    await visitor.open('/account/sign-in');
    const [form] = visitor.forms();
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    const body = new URLSearchParams({ ...form?.fields, sip: account.sip, password: account.password }).toString();
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await api.send({ method: 'POST', path: '/account/sign-in', headers, body });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`${new URL(PUBLIC_URL).pathname}/account`);
    const session = answer.headers['set-cookie']?.filter((text) => text.startsWith('flexisip_panel=')) ?? [];
    expect(session).toHaveLength(1);
    expect(session[0]).toMatch(/; Path=\/flexiapi\/account(;|$)/);
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Secure']) expect(session[0]).toContain(attribute);
    // It ends with the browser; how long it is good for at most, the server says.
    expect(session[0]).not.toMatch(/expires|max-age/i);
  });

  it('gives a new session each time, and none to a browser that brings an id of its own', async () => {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    const first = visitor.cookies.get('flexisip_panel');
    await visitor.signIn(account);
    const second = visitor.cookies.get('flexisip_panel');
    expect(second).not.toBe(first);
    const old = new Visitor(api);
    old.cookies.set('flexisip_panel', first ?? '');
    expect(await sipAfter(old)).toBe('');
    const fixed = new Visitor(api);
    fixed.cookies.set('flexisip_panel', 'an-id-of-his-own.and-a-signature');
    await fixed.signIn(account);
    expect(fixed.cookies.get('flexisip_panel')).not.toBe('an-id-of-his-own.and-a-signature');
    expect(await sipAfter(fixed)).toContain(account.sip);
  });

  it('is over for good after signing out, for whoever has kept the cookie too', async () => {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    const kept = new Visitor(api);
    for (const [name, value] of visitor.cookies) kept.cookies.set(name, value);
    expect(await sipAfter(kept)).toContain(account.sip);
    await visitor.submit('/account/sign-out');
    expect(visitor.path).toBe('/account/sign-in');
    expect(visitor.text).toContain('You are signed out.');
    expect(visitor.cookies.has('flexisip_panel')).toBe(false);
    expect(await sipAfter(kept)).toBe('');
  });

  it('lasts for eight hours', async () => {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    api.clock.advance(8 * HOURS - 5);
    expect(await sipAfter(visitor)).toContain(account.sip);
    api.clock.advance(10);
    expect(await sipAfter(visitor)).toBe('');
    const another = new Visitor(api);
    await another.signIn(account);
    await api.app.get(JobRunner).runDue();
    expect(await sessions()).toBe(1);
    expect(await sipAfter(another)).toContain(account.sip);
  });

  it('leaves nothing in the database that could be used to sign in', async () => {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    const rows = JSON.stringify(await api.sql('SELECT * FROM panel_sessions'));
    const [id = ''] = decodeURIComponent(visitor.cookies.get('flexisip_panel') ?? '').split('.');
    expect(id.length).toBeGreaterThan(20);
    expect(rows).not.toContain(id);
  });

  it('opens no route of the API, as no key and no Digest open a page', async () => {
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    expect((await api.send({ path: '/api/accounts/me', headers: { cookie } })).status).toBe(422);
    expect((await api.send({ path: '/api/accounts/me', headers: { cookie, from: account.from } })).status).toBe(401);
    expect(await api.withKey(account).get('/account')).toMatchObject({
      status: 303,
      headers: { location: '/flexiapi/account/sign-in' },
    });
  });
});

describe('The panel, while the database refuses', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  const FAULT = 'Something went wrong on our side';

  it('lets nobody in whose session cannot be kept, and says so on a page', async () => {
    const account = await api.given.account();
    const visitor = new Visitor(api);
    await whileRefusing(api, 'INSERT', 'panel_sessions', async () => {
      expect(await faultOf(visitor.signIn(account))).toBe('internal_error');
    });
    expect(visitor.cookies.has('flexisip_panel')).toBe(false);
    expect((await visitor.signIn(account)).status).toBe(200);
  });

  it('has changed a password that is changed, and lets its owner sign in again', async () => {
    const account = await api.given.account();
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    await visitor.open('/account/password');
    const entered = {
      old_password: account.password,
      password: 'new words',
      repeat: 'new words',
      algorithm: 'SHA-256',
    };
    await whileRefusing(api, 'INSERT', 'panel_sessions', () => visitor.submit('/account/password', entered));
    expect(visitor.path).toBe('/account/sign-in');
    expect((await visitor.signIn({ ...account, password: 'new words' })).status).toBe(200);
  });

  it('says on a page that it does not know who is signed in, or could not sign out', async () => {
    const account = await api.given.account();
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    await whileRefusing(api, 'DELETE', 'panel_sessions', async () => {
      expect(await faultOf(visitor.submit('/account/sign-out'))).toBe('internal_error');
    });
    await api.sql('ALTER TABLE panel_sessions RENAME TO panel_sessions_away');
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    const page = await api.send({ path: '/account', headers: { cookie } }).catch((error: Error) => error.message);
    expect(page).toContain(FAULT);
    expect(page).not.toMatch(/panel_sessions/);
    expect((await api.send({ path: '/account/style.css', headers: { cookie } })).status).toBe(200);
    await api.sql('ALTER TABLE panel_sessions_away RENAME TO panel_sessions');
    expect((await visitor.open('/account')).status).toBe(200);
  });
});

describe('Guessing a password in the panel', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'on', TRUST_PROXY: '127.0.0.1', LIMIT_FAILED_LOGINS: '3' } });
  });
  afterAll(() => api.stop());

  it('counts with the guesses over the API', async () => {
    const account = await api.given.account();
    const headers = { 'x-forwarded-for': '192.0.2.77' };
    const visitor = new Visitor(api, headers);
    for (let guess = 1; guess <= 2; guess++)
      expect((await visitor.signIn({ ...account, password: 'wrong' })).status).toBe(403);
    const key = { from: account.from, 'x-api-key': 'wrong' };
    expect((await api.send({ path: '/api/accounts/me', headers: { ...headers, ...key } })).status).toBe(401);
    const answer = await visitor.signIn(account);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(visitor.text).toContain('There were too many attempts.');
    expect((await new Visitor(api).signIn(account)).status).toBe(200);
  });
});
