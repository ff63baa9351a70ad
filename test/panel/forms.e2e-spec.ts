import { Api } from '../support/api.js';
import { PAGES } from '../support/access.js';
import type { GivenAccount } from '../support/factories.js';
import { Visitor } from '../support/visitor.js';

const pathOf = (route: string, id: number) => (route.split(' ')[1] ?? '').replace(':id', String(id));
/** These forms act on the secret in their link alone, so they carry no other token. */
const BY_LINK = new Set(['POST /account/email/:id/:secret', 'POST /creation_token/check/:token']);
const pages = (method: string, ...who: string[]) =>
  Object.entries(PAGES).filter(([route, whose]) => route.startsWith(method) && who.includes(whose));

describe('A page of the panel', () => {
  let api: Api;
  let user: Visitor;
  let admin: Visitor;
  let pawn: GivenAccount;
  let boss: GivenAccount;

  /** What of the accounts that are there could be changed. */
  const snapshot = async () => [
    await api.sql('SELECT * FROM accounts WHERE id IN (?, ?)', [pawn.id, boss.id]),
    await api.sql('SELECT * FROM api_keys WHERE account_id IN (?, ?)', [pawn.id, boss.id]),
    await api.sql('SELECT * FROM passwords WHERE account_id IN (?, ?)', [pawn.id, boss.id]),
    await api.count('accounts', "username = 'newcomer'"),
  ];

  beforeAll(async () => {
    api = await Api.start();
    pawn = await api.given.account();
    user = new Visitor(api);
    admin = new Visitor(api);
    await user.signIn(await api.given.account());
    boss = await api.given.admin();
    await admin.signIn(boss);
  });
  afterAll(() => api.stop());

  it.each(pages('GET', 'user', 'admin'))('%s sends a stranger to the sign-in page', async (route) => {
    const visitor = new Visitor(api);
    await visitor.open(pathOf(route, pawn.id));
    expect(visitor.path).toBe('/account/sign-in');
  });

  it.each(pages('GET', 'admin'))('%s is refused to a user', async (route) => {
    const answer = await user.open(pathOf(route, pawn.id));
    expect(answer.status).toBe(403);
    expect(user.text).toContain('Only administrators can do this.');
  });

  it.each(pages('GET', 'user', 'admin'))(
    '%s is whole HTML that loads its style sheet and icon and nothing else, and that nobody keeps',
    async (route) => {
      const answer = await admin.open(pathOf(route, pawn.id));
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        'content-language': 'en',
      });
      expect(answer.text).toMatch(/^<!doctype html><html lang="en">/);
      expect(answer.text).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|https?:\/\//);
      expect(answer.text.match(/<h1>/g)).toHaveLength(1);
      // Whatever can be filled in has its label.
      for (const [, id] of answer.text.matchAll(/<(?:input|select) (?:type="[a-z]+" )?id="([^"]*)"/g))
        expect(answer.text).toContain(`<label for="${id}">`);
    },
  );

  it.each(pages('POST', 'user', 'admin'))('%s does nothing for a stranger', async (route) => {
    const visitor = new Visitor(api);
    await visitor.open('/account/sign-in');
    const answer = await visitor.post(pathOf(route, pawn.id), visitor.forms()[0]?.fields ?? {});
    expect(answer.status).toBe(403);
    expect(visitor.text).toContain('You are not signed in');
  });

  it.each(pages('POST', 'admin'))('%s does nothing for a user', async (route) => {
    await user.open('/account');
    const answer = await user.post(pathOf(route, pawn.id), user.forms()[0]?.fields ?? {});
    expect(answer.status).toBe(403);
    expect(user.text).toContain('Only administrators can do this.');
  });

  describe.each<[string, () => Promise<Record<string, string>>]>([
    ['no token', async () => ({})],
    ['a token that was made up', async () => ({ _token: 'a-b-c' })],
    [
      'the token of another administrator',
      async () => {
        const other = new Visitor(api);
        await other.signIn(await api.given.admin());
        return other.forms()[0]?.fields ?? {};
      },
    ],
    [
      'the token that the same browser got before somebody signed in',
      async () => {
        const stranger = new Visitor(api);
        for (const [name, value] of admin.cookies) if (name !== 'flexisip_panel') stranger.cookies.set(name, value);
        await stranger.open('/account/sign-in');
        return stranger.forms()[0]?.fields ?? {};
      },
    ],
  ])('with %s', (_name, token) => {
    it.each(
      pages('POST', 'user', 'admin', 'anybody').filter(([route]) => !route.includes('sign-in') && !BY_LINK.has(route)),
    )('%s does nothing', async (route) => {
      const before = await snapshot();
      const fields = {
        ...(await token()),
        username: 'newcomer',
        password: 'new password',
        algorithm: 'MD5',
        sip: pawn.sip,
      };
      const answer = await admin.post(pathOf(route, pawn.id), fields);
      expect(answer.status).toBe(403);
      expect(admin.text).toContain('Please go back, reload the page');
      expect(await snapshot()).toEqual(before);
      expect((await admin.open('/account')).status).toBe(200);
    });
  });

  it.each<[string, string, number]>([
    ['GET', '/account/nothing', 404],
    ['GET', '/account/accounts/1/nothing', 404],
    ['GET', '/account/sign-out', 405],
    ['DELETE', '/account', 405],
  ])('answers %s %s in HTML too', async (method, path, status) => {
    const answer = await api.send({ method, path });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('There is no such page.');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('answers in HTML what is too large', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await api.send({ method: 'POST', path: '/account/sign-in', headers, body: 'x'.repeat(70_000) });
    expect(answer.status).toBe(413);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('is at its own address alone, however that could be written', async () => {
    const cookie = [...admin.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of ['/%61ccount/sign-in', '/accoun%74/sign-out', '/%61ccount', '/flexiapi/%61ccount/api-key']) {
      expect((await api.send({ path })).status).toBe(404);
      expect((await api.send({ method: 'POST', path, headers, body: 'sip=a&password=b' })).status).toBe(404);
    }
  });

  it('takes forms, and nothing else', async () => {
    const cookie = [...admin.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { cookie, 'content-type': 'application/json' };
    const answer = await api.send({ method: 'POST', path: '/account/password', headers, body: '{"_token":"x"}' });
    expect(answer.status).toBe(415);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('says in HTML what is not there', async () => {
    expect((await admin.open('/account/accounts/999999')).status).toBe(404);
    expect(admin.text).toContain('This account does not exist.');
    expect((await admin.open('/account/accounts/0x1')).status).toBe(404);
  });

  it('speaks the language of the reader', async () => {
    const visitor = new Visitor(api, { 'accept-language': 'de;q=0.9, fr-CH;q=0.8, en;q=0.1' });
    const answer = await visitor.open('/account/sign-in');
    expect(answer.headers).toMatchObject({ 'content-language': 'fr', vary: 'Accept-Language' });
    expect(answer.text).toContain('<html lang="fr">');
    await visitor.submit('/account/sign-in', { sip: pawn.sip, password: 'wrong' });
    expect(visitor.text).toContain('est incorrect');
    await visitor.submit('/account/sign-in', { sip: pawn.sip, password: pawn.password });
    for (const path of ['', '/password', '/email', '/phone', '/phone/code', '/devices', '/delete', '/delete/confirm']) {
      await visitor.open(`/account${path}`);
      expect(visitor.text).not.toMatch(/\b(the|password|account|your|delete|phone number|undefined)\b/i);
    }
  });

  it('gives its style sheet to anybody, to be kept until it changes', async () => {
    const link =
      /href="\/flexiapi(\/account\/style\.css\?[0-9a-f]+)"/.exec((await admin.open('/account')).text)?.[1] ?? '';
    const answer = await api.send({ path: link });
    expect(answer.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.text).not.toMatch(/url\(|@import/);
  });
});
