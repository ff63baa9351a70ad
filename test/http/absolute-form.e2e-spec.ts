import { Api, PUBLIC_URL } from '../support/api.js';
import { DigestClient, processAt } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { type RawRequest, ME, sendRequest } from '../support/http.js';

const PUBLIC_PATH = new URL(PUBLIC_URL).pathname;

/** What a client or a proxy may write before a path: the host is not compared with anything. */
const BEFORE = [
  'http://api.example.org',
  'https://api.example.org',
  'HTTP://API.example.org:8080',
  'http://[::1]:3000',
  `http://api.example.org${PUBLIC_PATH}`,
  PUBLIC_URL,
];

const ORIGIN = 'https://admin.example.org';

/** Headers that differ from one answer to the next. */
const CHANGING = new Set(['date', 'x-request-id', 'x-ratelimit-remaining', 'www-authenticate', 'set-cookie']);

describe('A request target in absolute form (RFC 9112 §3.2.2)', () => {
  let api: Api;
  let alice: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { CORS_ORIGINS: ORIGIN, RATE_LIMITS: 'on', LIMIT_REQUESTS: '100000' } });
    alice = await api.given.account({ stored: ['MD5', 'SHA-256'] });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const key = ({ from, apiKey = '' }: GivenAccount) => ({ from, 'x-api-key': apiKey });
  /** What an answer says, without what differs each time. */
  const said = async (request: RawRequest) => {
    const { status, headers, text } = await sendRequest(api.origin, request);
    const lasting = Object.entries(headers).filter(([name]) => !CHANGING.has(name));
    return {
      status,
      headers: Object.fromEntries(lasting),
      names: Object.keys(headers).toSorted(),
      text: text.replace(/(name="_token" value=)"[^"]*"/g, '$1'),
    };
  };

  const CALLS: readonly [string, () => RawRequest][] = [
    ['a public route', () => ({ path: '/api/ping' })],
    ['HEAD of it', () => ({ method: 'HEAD', path: '/api/ping' })],
    ['a route with a query', () => ({ path: '/api/accounts?per_page=1&page=2', headers: key(admin) })],
    ['a route with an escaped segment', () => ({ path: `/api/accounts/${alice.sip.replace('@', '%40')}/info` })],
    ['an own route by key', () => ({ path: ME, headers: key(alice) })],
    ['an own route without credentials', () => ({ path: ME, headers: { from: alice.from } })],
    ['a body', () => ({ method: 'POST', path: `${ME}/password`, headers: key(alice), body: 'x' })],
    ['a method that a route lacks', () => ({ method: 'DELETE', path: '/api/ping' })],
    ['a route that is not there', () => ({ path: '/api/nowhere' })],
    ['a segment that cannot be decoded', () => ({ path: '/api/accounts/%zz/info' })],
    [
      'a question of a browser',
      () => ({ method: 'OPTIONS', path: ME, headers: { origin: ORIGIN, 'access-control-request-method': 'GET' } }),
    ],
    ['a page', () => ({ path: '/account/sign-in' })],
    ['a page that needs a session', () => ({ path: '/account' })],
    ['a page in another spelling', () => ({ path: '/%61ccount/sign-in' })],
    ['the style sheet', () => ({ path: '/account/style.css' })],
    ['Swagger UI', () => ({ path: '/api/docs' })],
    ['the document', () => ({ path: '/api/docs-json' })],
  ];

  describe.each(BEFORE)('that begins with %s', (before) => {
    it.each(CALLS)('is answered like the path alone: %s', async (_name, call) => {
      const request = call();
      expect(await said({ ...request, path: before + request.path })).toEqual(await said(request));
    });
  });

  it('is that of a probe too, which no limit counts', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await said({ path: `http://api.example.org${path}` });
      expect(answer).toEqual(await said({ path }));
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.names).not.toContain('x-ratelimit-remaining');
    }
  });

  it('with an empty path asks for the root', async () => {
    for (const target of ['http://api.example.org', 'http://api.example.org?x=1']) {
      expect(await said({ path: target })).toEqual(await said({ path: '/' }));
    }
  });

  it('is in the log as its route', async () => {
    api.log.length = 0;
    await said({ path: `${PUBLIC_URL}/api/ping` });
    expect(api.log.map((line) => (JSON.parse(line) as { route?: string }).route)).toEqual(['/api/ping']);
  });

  describe('by Digest', () => {
    const attempt = async (target: string, uri: string, headers: Record<string, string> = {}) => {
      const client = await DigestClient.start(processAt(api.origin), alice, { path: target, headers });
      const authorization = client.authorize('GET', uri);
      const { status } = await sendRequest(api.origin, {
        path: target,
        headers: { from: alice.from, authorization, ...headers },
      });
      return status;
    };

    it.each(BEFORE)('is taken where it is signed itself, or its path is: %s', async (before) => {
      const target = before + ME;
      const { pathname } = new URL(target);
      expect(await attempt(target, target)).toBe(200);
      expect(await attempt(target, pathname)).toBe(200);
    });

    it('is taken where a proxy has stripped the path of the public URL', async () => {
      expect(await attempt(`http://api.example.org${ME}`, `${PUBLIC_PATH}${ME}`)).toBe(200);
      expect(await attempt(`http://api.example.org${ME}`, `http://api.example.org${PUBLIC_PATH}${ME}`)).toBe(200);
    });

    it('is taken where a proxy has made it the path alone, and the host is that of the request', async () => {
      expect(await attempt(ME, `https://API.example.org${ME}`, { host: 'api.example.org' })).toBe(200);
      expect(await attempt(ME, `${PUBLIC_URL}${ME}`, { host: 'api.example.org' })).toBe(200);
    });

    it.each([
      [`http://api.example.org${ME}`, `http://other.example${ME}`],
      [`http://api.example.org${ME}`, `http://api.example.org:81${ME}`],
      [`http://api.example.org${ME}`, 'http://api.example.org/api/accounts'],
      [`http://api.example.org${ME}?x`, `http://api.example.org${ME}`],
      [`http://api.example.org${ME}`, `ftp://api.example.org${ME}`],
      [`http://api.example.org${ME}`, `http://a@api.example.org${ME}`],
      [ME, `http://other.example${ME}`],
    ])('is 401 where something else is signed: %s, and not %s', async (target, uri) => {
      expect(await attempt(target, uri)).toBe(401);
    });
  });
});
