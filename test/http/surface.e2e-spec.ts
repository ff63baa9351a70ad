import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Api } from '../support/api.js';
import { sendRequest } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

/** Opens a connection and sends what is given, which may be nothing. */
async function open(api: Api, text = ''): Promise<Socket> {
  const socket = connect(Number(new URL(api.origin).port), '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  if (text) socket.write(text);
  return socket;
}

/** What arrives on a connection until it is closed. */
async function everything(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

describe('What browsers are told', () => {
  const origin = 'https://admin.example.org';
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { CORS_ORIGINS: `${origin},http://localhost:8080` } });
  });
  afterAll(() => api.stop());

  it.each([
    ['an answer', '/api/ping'],
    ['a refusal', '/api/accounts/me'],
    ['what is not there', '/api/nowhere'],
    ['a page', '/account/email/1/abc'],
    ['Swagger UI', '/api/docs'],
  ])('%s is not to be framed, guessed at, or sent on', async (_name, path) => {
    const { headers } = await api.send({ path });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy': expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'/) as string,
    });
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('Swagger UI runs its own scripts and no others', async () => {
    const { headers } = await api.send({ path: '/api/docs' });
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect((await api.send({ path: '/api/ping' })).headers['content-security-policy']).not.toContain('script-src');
  });

  it('a listed origin may call', async () => {
    const preflight = {
      origin,
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'from,x-api-key',
    };
    // Nobody but browsers asks so: the empty body that crashes an old app does not reach one.
    const asked = await sendRequest(api.origin, { method: 'OPTIONS', path: '/api/accounts/me', headers: preflight });
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': expect.stringContaining('X-Api-Key') as string,
    });
    expect(asked.headers).not.toHaveProperty('access-control-allow-credentials');
    const called = await api.send({ path: '/api/accounts/me', headers: { origin } });
    expect(called.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': expect.stringContaining('WWW-Authenticate') as string,
    });
  });

  it.each([
    'https://admin.example.org.evil.example',
    'https://ADMIN.example.org',
    'null',
    'http://admin.example.org',
    '*',
  ])('the origin %s may not', async (foreign) => {
    const preflight = { origin: foreign, 'access-control-request-method': 'GET' };
    const asked = await api.send({ method: 'OPTIONS', path: '/api/accounts/me', headers: preflight });
    expect(refusal(asked)).toBe('405 method_not_allowed');
    for (const answer of [asked, await api.send({ path: '/api/ping', headers: { origin: foreign } })]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(answer.headers.vary).toBe('Origin');
    }
  });

  it('OPTIONS that is no question of a browser is refused as ever', async () => {
    expect(refusal(await api.send({ method: 'OPTIONS', path: '/api/accounts/me', headers: { origin } }))).toBe(
      '405 method_not_allowed',
    );
    expect(refusal(await api.send({ method: 'OPTIONS', path: '/api/nowhere' }))).toBe('404 route_not_found');
  });
});

describe('Requests that are meant to be understood in two ways', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  const post = (headers: string[], body = '{}') =>
    ['POST /api/tokens HTTP/1.1', 'Connection: close', ...headers, '', body].join('\r\n');
  const json = 'Content-Type: application/json';

  it.each([
    ['two hosts', post(['Host: a', 'Host: b', json, 'Content-Length: 2'])],
    ['two media types', post(['Host: a', json, 'Content-Type: text/plain', 'Content-Length: 2'])],
    ['two lengths', post(['Host: a', json, 'Content-Length: 2', 'Content-Length: 3'])],
    [
      'a length and chunks',
      post(['Host: a', json, 'Content-Length: 2', 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'),
    ],
    ['chunks that are not the last encoding', post(['Host: a', json, 'Transfer-Encoding: chunked, gzip'], '0\r\n\r\n')],
    ['a length with a sign', post(['Host: a', json, 'Content-Length: +2'])],
    ['a blank before the colon', post(['Host: a', 'Content-Type : application/json', 'Content-Length: 2'])],
    ['a folded header', post(['Host: a', 'X-A: b\r\n c', json, 'Content-Length: 2'])],
  ])('%s are refused, and nothing behind them is read', async (_name, text) => {
    const answer = await everything(await open(api, `${text}GET /api/ping HTTP/1.1\r\nHost: a\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toContain('"code":"bad_request"');
    expect(api.pushes.attempts).toBe(0);
  });

  it('no header or member changes the method', async () => {
    const alice = await api.given.account();
    const headers = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' };
    for (const path of ['/api/accounts/me?_method=DELETE', '/api/accounts/me']) {
      await api.withKey(alice).send({ path, headers });
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      expect(
        (await api.withKey(alice).send({ method: 'POST', path, headers: form, body: '_method=DELETE' })).status,
      ).toBe(405);
    }
    expect(await api.count('accounts', 'id = ?', [alice.id])).toBe(1);
  });

  it('no Host or X-Forwarded-Host gets into links, pages and lists', async () => {
    const admin = await api.given.admin();
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      forwarded: 'host=evil.example',
    };
    const list = await api.withKey(admin).send({ path: '/api/accounts', headers });
    expect(list.json.first_page_url).toBe('https://api.example.org/flexiapi/api/accounts?page=1');
    const body = JSON.stringify({ email: 'new@example.org' });
    const type = { 'content-type': 'application/json' };
    await api
      .withKey(admin)
      .send({ method: 'POST', path: '/api/accounts/me/email/request', headers: { ...headers, ...type }, body });
    const docs = await api.send({ path: '/api/docs/openapi.json', headers });
    const redirect = await api.send({ path: '/api', headers });
    for (const text of [list.text, JSON.stringify(api.mails.last), docs.text, JSON.stringify(redirect.headers)]) {
      expect(text).not.toMatch(/evil|gopher/);
    }
  });
});

describe('Slow and numerous connections', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { REQUEST_TIMEOUT: '3', MAX_CONNECTIONS: '450' } });
  });
  afterAll(() => api.stop());

  it('400 of them keep nobody out, and do not last', async () => {
    const beginnings = [
      '',
      'GET /api/ping HTTP/1.1\r\nHost: a\r\nX-',
      'POST /api/tokens HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{',
    ];
    const sockets = await Promise.all(range(400).map((index) => open(api, beginnings[index % 3])));
    const ends = sockets.map(everything);
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a');
    }, 200);
    for (const _ of range(20)) expect((await api.send({ path: '/api/ping' })).text).toBe('pong');
    const answers = await Promise.all(ends);
    clearInterval(drip);
    expect(answers.filter((text) => text !== '' && !/^HTTP\/1\.1 (400|408) /.test(text))).toEqual([]);
  });

  it('more of them than may be are closed at once', async () => {
    const sockets = await Promise.all(range(450).map(() => open(api)));
    const oneMore = connect(Number(new URL(api.origin).port), '127.0.0.1').on('error', () => undefined);
    expect(await everything(oneMore)).toBe('');
    for (const socket of sockets) socket.destroy();
  });
});

describe('What else may come over a connection', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  it.each(['*', '*api/accounts', '*/api/ping'])(
    'the target %s is answered like any that leads nowhere',
    async (path) => {
      const answer = await api.send({ method: 'POST', path });
      expect(refusal(answer)).toBe('404 route_not_found');
      expect(JSON.parse(api.log.at(-1) ?? '{}')).toMatchObject({
        status: 404,
        requestId: answer.headers['x-request-id'],
      });
    },
  );

  it('a good request is answered by itself, whatever follows it', async () => {
    const alice = await api.given.account();
    const head = [
      'DELETE /api/accounts/me HTTP/1.1',
      'Host: a',
      `From: ${alice.from}`,
      `x-api-key: ${alice.apiKey}`,
      'Content-Length: 0',
    ];
    const text = await everything(await open(api, `${head.join('\r\n')}\r\n\r\n\0 is no request`));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(await api.count('accounts', 'id = ?', [alice.id])).toBe(0);
    expect(JSON.parse(api.log.at(-1) ?? '{}')).toMatchObject({ route: '/api/accounts/me', status: 200 });
  });
});
