import { Api } from '../support/api.js';
import { Visitor } from '../support/visitor.js';

/** The paths that a page leads to, and that it loads. */
const linksIn = (html: string) =>
  [...html.matchAll(/<(?:a|link)\b[^>]*\shref=["']([^"'#]+)["']/g)].map(([, href = '']) => href);

describe.each([
  ['without a path', 'https://api.example.org', ''],
  ['with one', 'https://api.example.org/flexiapi', '/flexiapi'],
])('The start page, at a public URL %s', (_name, url, prefix) => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { APP_URL: url, APP_NAME: 'Telephones <of> us' } });
  });
  afterAll(() => api.stop());

  it('says what this is, and leads to the panel, Swagger UI and health', async () => {
    const answer = await api.send({ path: '/' });
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-language': 'en',
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      },
    });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.text).toContain('<h1>Telephones &lt;of> us</h1>');
    expect(answer.text).toContain('Flexisip');
    expect(answer.text).toContain('/health/ready');
    expect(answer.text).not.toMatch(/<script|<style|\sstyle=/);
    const links = linksIn(answer.text);
    expect(links).toEqual(
      expect.arrayContaining([`${prefix}/account`, `${prefix}/api/docs`, `${prefix}/account/favicon.svg`]),
    );
    for (const path of links) {
      const { status } = await api.send({ path });
      expect({ path, isThere: status < 400 }).toEqual({ path, isThere: true });
    }
  });

  it('speaks French', async () => {
    const answer = await api.send({ path: '/', headers: { 'accept-language': 'fr' } });
    expect(answer.headers['content-language']).toBe('fr');
    expect(answer.text).toContain('Vers l’espace personnel');
  });

  it.each(['/', '/?a=b'])('is at the public URL too, with %s at its end or without', async (end) => {
    for (const path of [`${prefix}${end}`, `${prefix}${end.replace('/', '')}`].filter((one) => one.startsWith('/'))) {
      expect(await api.send({ path })).toMatchObject({
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
      });
    }
  });

  it('has an icon, where pages name it and where browsers ask for it', async () => {
    for (const path of [`${prefix}/account/favicon.svg`, '/favicon.ico']) {
      const answer = await api.send({ path });
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' },
      });
      expect(answer.text).toMatch(/^<svg /);
    }
    for (const path of ['/account/sign-in', '/api/docs']) {
      expect(linksIn((await api.send({ path })).text)).toContain(`${prefix}/account/favicon.svg`);
    }
  });

  it('leaves every other path and method as they are', async () => {
    for (const path of ['/nowhere', '/index.html', '/favicon.png', `${prefix}/x`]) {
      expect(await api.send({ path })).toMatchObject({ status: 404, json: { code: 'route_not_found' } });
    }
    expect(await api.send({ method: 'POST', path: '/' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });
});

describe('The last administrator', () => {
  const WARNING = 'This is the last administrator.';
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  it('is warned on both pages before the account goes; others are not', async () => {
    const boss = await api.given.admin();
    const user = await api.given.account();
    const [asBoss, asUser] = [new Visitor(api), new Visitor(api)];
    await asBoss.signIn(boss);
    await asUser.signIn(user);
    for (const page of ['/account/delete', '/account/delete/confirm']) {
      expect((await asBoss.open(page)).text).toContain(WARNING);
      expect((await asUser.open(page)).text).not.toContain(WARNING);
    }
    // So on the page by which administrators delete any account.
    expect((await asBoss.open(`/account/accounts/${boss.id}/delete`)).text).toContain(WARNING);
    expect((await asBoss.open(`/account/accounts/${user.id}/delete`)).text).not.toContain(WARNING);
    // One that cannot sign in is of no help.
    const other = await api.given.inactiveAccount({ admin: true });
    expect((await asBoss.open('/account/delete')).text).toContain(WARNING);
    await api.sql('UPDATE accounts SET activated = 1 WHERE id = ?', [other.id]);
    expect((await asBoss.open('/account/delete')).text).not.toContain(WARNING);
    await asBoss.open('/account/delete/confirm');
    await asBoss.submit('/account/delete', { sip: `sip:${boss.sip}` });
    expect(await api.count('accounts', 'id = ?', [boss.id])).toBe(0);
  });
});
