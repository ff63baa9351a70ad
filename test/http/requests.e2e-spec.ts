import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { everythingStored } from '../support/everything-stored.js';
import { METHODS, OTHER_METHODS } from '../support/methods.js';
import { flawsOf, sendBytes } from '../support/raw-http.js';

/** Every path of the contract with the methods it knows, as `Allow` lists them. */
const PATHS: [string, string[]][] = [
  ['/api/ping', ['GET', 'HEAD']],
  ['/api/tokens', ['POST']],
  ['/api/accounts', ['GET', 'HEAD', 'POST']],
  ['/api/accounts/with-token', ['POST']],
  ['/api/accounts/someone@sip.example.org/info', ['GET', 'HEAD']],
  ['/api/accounts/someone@sip.example.org/activate/email', ['POST']],
  ['/api/accounts/someone@sip.example.org/activate/phone', ['POST']],
  ['/api/accounts/me', ['DELETE', 'GET', 'HEAD']],
  ['/api/accounts/me/email/request', ['POST']],
  ['/api/accounts/me/email', ['POST']],
  ['/api/accounts/me/password', ['POST']],
  ['/api/accounts/me/phone/request', ['POST']],
  ['/api/accounts/me/phone', ['POST']],
  ['/api/accounts/me/api_key', ['GET']],
  ['/api/accounts/me/api_key/some-token', ['GET']],
  ['/api/accounts/auth_token/some-token/attach', ['GET', 'POST']],
  ['/api/accounts/me/services/turn', ['GET', 'HEAD']],
  ['/api/accounts/me/devices', ['GET', 'HEAD']],
  ['/api/accounts/me/devices/some-device', ['DELETE', 'GET', 'HEAD']],
  ['/api/accounts/1', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
  ['/api/accounts/1/activate', ['GET', 'POST']],
  ['/api/accounts/1/deactivate', ['GET', 'POST']],
  ['/api/accounts/1/block', ['POST']],
  ['/api/accounts/1/unblock', ['POST']],
  ['/api/accounts/1/devices', ['GET', 'HEAD']],
  ['/api/accounts/1/devices/some-device', ['DELETE']],
  ['/api/accounts/a@example.org/search', ['GET', 'HEAD']],
  ['/api/accounts/a@example.org/search-by-email', ['GET', 'HEAD']],
];

describe('requests', () => {
  let api: Api;
  let user: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    user = await api.given.account();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  describe.each(PATHS)('%s', (path, known) => {
    it.each(METHODS.filter((method) => !known.includes(method)))(
      'answers %s with 405 and what is allowed',
      async (method) => {
        for (const target of [path, `${path}/`, `${path}?x=1`]) {
          const answer = await api.send({ method, path: target });
          const allow = String(answer.headers.allow).split(/\s*,\s*/);
          expect({ status: answer.status, allow: allow.toSorted() }).toEqual({ status: 405, allow: known });
          expect(answer.challenges).toEqual([]);
          if (method !== 'HEAD' && path !== '/api/ping') expect(flawsOf(answer, [405])).toEqual([]);
        }
      },
    );

    it('takes a trailing slash for the same path', async () => {
      for (const method of known) {
        const headers = { from: user.from, 'x-api-key': 'wrong' };
        const [plain, slashed] = [
          await api.send({ method, path, headers }),
          await api.send({ method, path: `${path}/`, headers }),
        ];
        expect(slashed.status).toBe(plain.status);
        expect(slashed.text).toBe(plain.text);
      }
    });

    it('gives HEAD what GET gives, without the body', async () => {
      if (!known.includes('HEAD')) return;
      const [get, head] = [await api.withKey(admin).get(path), await api.withKey(admin).send({ method: 'HEAD', path })];
      expect(head).toMatchObject({ status: get.status, text: '' });
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    });
  });

  it.each(OTHER_METHODS)('answers %s with 405 and what is allowed on every path', async (method) => {
    const wrong = [];
    for (const [path, known] of PATHS) {
      const { status, headers } = await sendRequest(api.origin, { method, path });
      if (status !== 405 || headers.allow !== known.join(', ')) wrong.push(`${status} ${path} allow: ${headers.allow}`);
    }
    expect(wrong).toEqual([]);
  });

  describe('HEAD', () => {
    it('does not activate or deactivate', async () => {
      const waiting = await api.given.inactiveAccount();
      for (const [id, action] of [
        [waiting.id, 'activate'],
        [user.id, 'deactivate'],
      ] as const) {
        const answer = await api.withKey(admin).send({ method: 'HEAD', path: `/api/accounts/${id}/${action}` });
        expect(answer).toMatchObject({ status: 405, text: '', headers: { allow: 'GET, POST' } });
      }
      expect((await api.withKey(admin).get(`/api/accounts/${waiting.id}`)).json.activated).toBe(false);
      expect((await api.withKey(user).get('/api/accounts/me')).json.activated).toBe(true);
    });

    it('is authenticated like GET', async () => {
      expect(await api.send({ method: 'HEAD', path: '/api/accounts/me' })).toMatchObject({ status: 422, text: '' });
      const answer = await api.send({ method: 'HEAD', path: '/api/accounts/me', headers: { from: user.from } });
      expect(answer).toMatchObject({ status: 401, text: '' });
      expect(answer.challenges).toHaveLength(1);
    });
  });

  it.each([
    '/api/nothing',
    '/api/account',
    '/api/accounts/1/nothing',
    '/api/accounts/me/nothing',
    '/api/accounts/me/devices/a/b',
    '/api/accounts/a@b/activate/pigeon',
    '/api/accounts/a@b/infos',
    '/api/tokens/1',
    '/api/pings',
    '/api/ping-',
    '/api/docsx',
    '/api/docs.',
    '/apix/ping',
    '/API/ping',
    '/api/Ping',
    '/ping',
    '/index.php',
    '/api/.env',
    '/api/../.env',
    '//api/ping',
    '/api//ping',
    '/api/ping//',
    '/api/./ping',
    '/api/accounts/../ping',
    '/api\\ping',
    '/api%2Fping',
    '/api/ping%2F',
    '/api/ping%00',
    '/api/ping;x=1',
    '/api/%zz',
    '/api/%',
    '/%',
    '/api/%FF',
  ])('answers 404 to everybody on %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const headers = { from: admin.from, 'x-api-key': admin.apiKey ?? '' };
      const answer = await sendRequest(api.origin, { method, path, headers });
      expect(flawsOf(answer, [404])).toEqual([]);
      expect(answer.json.code).toBe('route_not_found');
      expect(answer.text).not.toContain(path);
    }
  });

  it.each([
    '/api/docs/../../package.json',
    '/api/docs/..%2f..%2fpackage.json',
    '/api/docs/%2e%2e/%2e%2e/package.json',
    '/api/docs/..%5c..%5cpackage.json',
    '/api/docs//etc/passwd',
    '/api/docs/%2fetc%2fpasswd',
    '/api/docs/%00',
    '/api/docs/.env',
  ])('the docs give no other file away: %s', async (path) => {
    const answer = await sendRequest(api.origin, { path });
    const flaws = flawsOf(answer, [400, 404]).filter((flaw) => !flaw.startsWith('cache control'));
    expect(flaws).toEqual([]);
  });

  describe('caching and types', () => {
    it('forbids to keep anything but ping and the docs', async () => {
      const paths = [
        '/api/accounts/me',
        '/api/accounts',
        '/api/nothing',
        '/api/%zz',
        '/api/pings',
        '/api/docsx',
        '/nothing',
        '/api/pingx/y',
      ];
      for (const path of paths) {
        const { headers } = await sendRequest(api.origin, { path });
        expect({ path, control: headers['cache-control'] }).toEqual({ path, control: 'no-store' });
      }
    });

    it('writes the exact bytes application/json, whatever is asked for', async () => {
      for (const path of [
        '/api/accounts/me',
        '/api/accounts',
        '/api/nothing',
        '/api/%zz',
        `/api/accounts/${'x'.repeat(2_000)}/info`,
      ]) {
        const headers = { accept: 'text/html', 'accept-charset': 'iso-8859-1', origin: 'https://example.com' };
        const answer = await sendRequest(api.origin, { path, headers });
        expect({ path, type: answer.headers['content-type'] }).toEqual({ path, type: 'application/json' });
      }
    });
  });

  describe('overrides', () => {
    it.each(['x-http-method-override', 'x-method-override', 'x-http-method', '_method'])(
      'there is none by the header %s',
      async (name) => {
        const headers = { [name]: 'DELETE', 'content-type': 'application/json' };
        const answer = await api.withKey(user).send({ method: 'POST', path: '/api/accounts/me', headers, body: '{}' });
        expect(flawsOf(answer, [405])).toEqual([]);
        expect(
          (await api.withKey(user).send({ path: '/api/accounts/me', headers: { [name]: 'DELETE' } })).json.id,
        ).toBe(user.id);
      },
    );

    it('there is none by a query member or a body member', async () => {
      const body = { _method: 'DELETE', method: 'DELETE' };
      expect((await api.withKey(user).post('/api/accounts/me?_method=DELETE', body)).status).toBe(405);
      expect((await api.withKey(user).get('/api/accounts/me?_method=DELETE&method=DELETE')).json.id).toBe(user.id);
      expect((await api.withKey(user).get('/api/accounts/me')).status).toBe(200);
    });

    it('no query member completes or replaces a member of the body', async () => {
      const query = 'pn_provider=fcm&pn_param=project&pn_prid=from-the-query';
      const missing = await api.anonymous().post(`/api/tokens?${query}`, { pn_provider: 'fcm', pn_param: 'project' });
      expect(Object.keys(missing.json.errors)).toEqual(['pn_prid']);
      expect(Object.keys((await api.anonymous().post(`/api/tokens?${query}`)).json.errors)).toHaveLength(3);
      const body = { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'from-the-body' };
      expect((await api.anonymous().post(`/api/tokens?${query}`, body)).status).toBe(200);
      expect(await api.sql('SELECT pn_prid FROM tokens')).toEqual([{ pn_prid: 'from-the-body' }]);
    });

    it('no credentials are taken from the query or the body', async () => {
      const key = user.apiKey ?? '';
      const from = encodeURIComponent(user.from);
      expect((await api.send({ path: `/api/accounts/me?from=${from}&x-api-key=${key}` })).status).toBe(422);
      expect((await api.send({ path: `/api/accounts/me?x-api-key=${key}`, headers: { from: user.from } })).status).toBe(
        401,
      );
      const body = JSON.stringify({ from: user.from, 'x-api-key': key, email: 'x@example.org' });
      const headers = { 'content-type': 'application/json', from: user.from };
      expect((await api.send({ method: 'POST', path: '/api/accounts/me/email/request', headers, body })).status).toBe(
        401,
      );
    });

    it('members in the body of a list do not replace its query', async () => {
      const body = '{"page":"0","per_page":"x"}';
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      expect((await api.withKey(admin).send({ path: '/api/accounts?page=1', headers, body })).json.current_page).toBe(
        1,
      );
    });
  });

  it('writes nothing for any request that is refused by its path or method', async () => {
    const stored = await everythingStored(api);
    for (const [path, known] of PATHS) {
      for (const method of [...METHODS, ...OTHER_METHODS].filter((one) => !known.includes(one))) {
        await sendRequest(api.origin, { method, path, headers: { from: admin.from, 'x-api-key': admin.apiKey ?? '' } });
      }
    }
    expect(await everythingStored(api)).toEqual(stored);
  });

  it('serves under the path of the public URL too, and nothing else there', async () => {
    expect(await sendRequest(api.origin, { path: '/flexiapi/api/ping' })).toMatchObject({ status: 200, text: 'pong' });
    for (const path of ['/flexiapi/nothing', '/flexiapi/flexiapi/api/ping', '/FLEXIAPI/api/ping']) {
      expect(flawsOf(await sendBytes(api, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`), [404])).toEqual([]);
    }
  });
});
