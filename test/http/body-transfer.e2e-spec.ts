import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { everythingStored } from '../support/everything-stored.js';
import { flawsOf, sendBytes } from '../support/raw-http.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const LIMIT = 65_536;
const MEBIBYTE = Buffer.alloc(1 << 20, 'x');
const CHUNK = Buffer.concat([Buffer.from('100000\r\n'), MEBIBYTE, Buffer.from('\r\n')]);
const DEVICE = '{"pn_provider":"fcm","pn_param":"project","pn_prid":"transfer"}';

const head = (target: string, ...headers: string[]) =>
  [`${target} HTTP/1.1`, 'Host: api.example.org', ...headers, '', ''].join('\r\n');

/** The body, filled up to so many bytes by a member nobody knows. */
function filledTo(bytes: number, body: Record<string, unknown>): string {
  const empty = JSON.stringify({ ...body, filler: '' });
  return JSON.stringify({ ...body, filler: 'x'.repeat(bytes - empty.length) });
}

let devices = 0;
/** A valid body of `POST /tokens`, for a device of its own. */
function deviceBody(): Record<string, unknown> {
  devices += 1;
  return { pn_provider: 'fcm', pn_param: 'project', pn_prid: `device-${devices}` };
}

describe('how bodies arrive', () => {
  let api: Api;
  let user: GivenAccount;
  let admin: GivenAccount;
  let other: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    user = await api.given.account();
    admin = await api.given.admin();
    other = await api.given.account();
  });
  afterAll(() => api.stop());

  describe('size', () => {
    const post = (body: string, headers: Record<string, string> = {}) =>
      api.send({ method: 'POST', path: '/api/tokens', headers: { ...JSON_TYPE, ...headers }, body });

    it('takes exactly 64 KiB', async () => {
      const body = filledTo(LIMIT, deviceBody());
      expect(Buffer.byteLength(body)).toBe(LIMIT);
      expect((await post(body)).status).toBe(200);
      expect((await post(filledTo(LIMIT, deviceBody()), { 'transfer-encoding': 'chunked' })).status).toBe(200);
    });

    it.each<[Record<string, string>]>([[{}], [{ 'transfer-encoding': 'chunked' }]])(
      'refuses one byte more, with %j',
      async (headers) => {
        const answer = await post(filledTo(LIMIT + 1, deviceBody()), headers);
        expect(flawsOf(answer, [413])).toEqual([]);
        expect(answer.json.code).toBe('body_too_large');
      },
    );

    it('counts bytes, not characters', async () => {
      expect((await post(JSON.stringify({ ...deviceBody(), filler: '\u00e9'.repeat(LIMIT / 2 - 200) }))).status).toBe(
        200,
      );
      expect((await post(JSON.stringify({ ...deviceBody(), filler: '\u00e9'.repeat(LIMIT / 2) }))).status).toBe(413);
    });

    it('refuses 64 KiB and more from a caller it knows as well', async () => {
      const stored = await everythingStored(api);
      const body = filledTo(LIMIT + 1, { email: 'someone@example.org' });
      const request = { method: 'POST', path: '/api/accounts/me/email/request', headers: JSON_TYPE, body };
      expect(flawsOf(await api.withKey(user).send(request), [413])).toEqual([]);
      expect(await everythingStored(api)).toEqual(stored);
    });
  });

  describe('20 MB', () => {
    it.each(['POST /api/tokens', 'POST /api/accounts/with-token', 'POST /api/accounts', 'DELETE /api/accounts/me'])(
      'are refused by their announced length: %s',
      async (target) => {
        const request = head(target, 'Content-Type: application/json', `Content-Length: ${20 * MEBIBYTE.length}`);
        const answer = await sendBytes(api, request, ...Array.from({ length: 20 }, () => MEBIBYTE));
        expect(flawsOf(answer, [413, 422])).toEqual([]);
        expect(await api.anonymous().get('/api/ping')).toMatchObject({ status: 200, text: 'pong' });
      },
    );

    it.each(['POST /api/tokens', 'POST /api/accounts/with-token', 'POST /api/accounts', 'DELETE /api/accounts/me'])(
      'are refused in chunks, as soon as they are too many: %s',
      async (target) => {
        const request = head(target, 'Content-Type: application/json', 'Transfer-Encoding: chunked');
        const answer = await sendBytes(api, request, ...Array.from({ length: 20 }, () => CHUNK), '0\r\n\r\n');
        expect(flawsOf(answer, [413, 422])).toEqual([]);
        expect(await api.anonymous().get('/api/ping')).toMatchObject({ status: 200, text: 'pong' });
      },
    );

    it('are refused on an unknown path and for a wrong method', async () => {
      for (const [target, status] of [
        ['POST /api/nothing', 404],
        ['PUT /api/tokens', 405],
      ] as const) {
        const request = head(target, 'Content-Type: application/json', 'Transfer-Encoding: chunked');
        const answer = await sendBytes(api, request, ...Array.from({ length: 20 }, () => CHUNK), '0\r\n\r\n');
        expect(flawsOf(answer, [413, status])).toEqual([]);
      }
    });

    it('do not let a second request hide in the body', async () => {
      const stored = await everythingStored(api);
      const credentials = [`From: ${user.from}`, `x-api-key: ${user.apiKey ?? ''}`];
      const hidden = head('DELETE /api/accounts/me', ...credentials);
      const request = head(
        'POST /api/tokens',
        'Content-Type: application/json',
        `Content-Length: ${70_000 + hidden.length}`,
      );
      expect(flawsOf(await sendBytes(api, `${request}${'x'.repeat(70_000)}${hidden}`), [413])).toEqual([]);
      expect((await api.withKey(user).get('/api/accounts/me')).status).toBe(200);
      expect(await everythingStored(api)).toEqual(stored);
    });
  });

  describe('Content-Length: 0', () => {
    const empty = { 'content-length': '0', 'content-type': 'application/json' };

    it.each([
      ['GET', '/api/accounts/me'],
      ['HEAD', '/api/accounts/me'],
      ['GET', '/api/accounts/me/devices'],
    ])('with a content type is legal: %s %s', async (method, path) => {
      expect((await api.withKey(user).send({ method, path, headers: empty })).status).toBe(200);
      expect(
        (await api.withKey(user).send({ method, path, headers: { ...empty, 'content-type': 'text/plain' } })).status,
      ).toBe(200);
    });

    it('with a content type is legal on actions of administrators', async () => {
      const client = api.withKey(admin);
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense', '']) {
        const headers = { ...empty, 'content-type': type };
        const path = `/api/accounts/${other.id}`;
        expect((await client.send({ method: 'POST', path: `${path}/deactivate`, headers })).status).toBe(200);
        expect((await client.send({ method: 'GET', path: `${path}/activate`, headers })).status).toBe(200);
      }
    });

    it('with a content type is legal on DELETE', async () => {
      for (const headers of [
        empty,
        { 'content-type': 'application/json' },
        { ...empty, 'content-type': 'text/plain' },
      ]) {
        const account = await api.given.account();
        expect(await api.withKey(account).send({ method: 'DELETE', path: '/api/accounts/me', headers })).toMatchObject({
          status: 200,
        });
      }
    });

    it('counts as an object without members where members are needed, chunked or not, with any content type', async () => {
      const variants: Record<string, string>[] = [
        empty,
        {},
        { 'content-type': 'text/plain' },
        { ...empty, 'content-type': 'text/plain' },
      ];
      for (const headers of variants) {
        const answer = await api.send({ method: 'POST', path: '/api/tokens', headers });
        expect(flawsOf(answer, [422])).toEqual([]);
        expect(Object.keys(answer.json.errors)).toEqual(['pn_provider', 'pn_param', 'pn_prid']);
      }
      const chunked = head('POST /api/tokens', 'Transfer-Encoding: chunked', 'Content-Type: text/plain');
      expect(flawsOf(await sendBytes(api, `${chunked}0\r\n\r\n`), [422])).toEqual([]);
    });
  });

  describe('a body on a route that reads none', () => {
    it.each([
      ['{', 'application/json', 400],
      ['[]', 'application/json', 400],
      ['{}', 'text/plain', 415],
      ['{}', '', 415],
    ])('%s as "%s" is refused on POST and DELETE, and nothing happens', async (body, type, status) => {
      const stored = await everythingStored(api);
      const headers = { 'content-type': type, 'content-length': String(body.length) };
      for (const [method, path] of [
        ['DELETE', `/api/accounts/${other.id}`],
        ['POST', `/api/accounts/${other.id}/deactivate`],
      ] as const) {
        const answer = await api.withKey(admin).send({ method, path, headers, body });
        expect(flawsOf(answer, [status])).toEqual([]);
      }
      expect(await everythingStored(api)).toEqual(stored);
    });

    it('is ignored or refused on GET, and does not spoil the connection', async () => {
      for (const [body, type] of [
        ['{', 'application/json'],
        ['{}', 'text/plain'],
        ['GET /api/ping HTTP/1.1\r\n\r\n', 'application/json'],
      ] as const) {
        const headers = { 'content-type': type, 'content-length': String(body.length) };
        const answer = await api.withKey(user).send({ path: '/api/accounts/me', headers, body });
        expect([200, 400, 415]).toContain(answer.status);
        expect((await api.withKey(user).get('/api/accounts/me')).status).toBe(200);
      }
    });

    it('of more than 64 KiB is 413 as the published document says, on every route', async () => {
      const body = 'x'.repeat(70_000);
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      for (const [method, path] of [
        ['DELETE', '/api/accounts/me'],
        ['POST', `/api/accounts/${other.id}/activate`],
      ] as const) {
        expect(flawsOf(await api.withKey(admin).send({ method, path, headers, body }), [413])).toEqual([]);
      }
      expect(await api.count('accounts', 'id = ?', [admin.id])).toBe(1);
    });
  });

  describe('Expect', () => {
    const post = ['Content-Type: application/json', `Content-Length: ${DEVICE.length}`];

    it('100-continue is answered, and so is a body that did not wait', async () => {
      expect((await sendBytes(api, head('POST /api/tokens', ...post, 'Expect: 100-continue'), DEVICE)).status).toBe(
        200,
      );
    });

    it('100-continue with too large a body is 413', async () => {
      const request = head(
        'POST /api/tokens',
        'Content-Type: application/json',
        'Content-Length: 70000',
        'Expect: 100-continue',
      );
      expect(flawsOf(await sendBytes(api, request), [413])).toEqual([]);
    });

    it('of something else is ignored, or refused as the contract refuses', async () => {
      const answer = await sendBytes(
        api,
        head('POST /api/tokens', ...post, 'Expect: a-teapot'),
        DEVICE.replace('transfer', 'a-teapot'),
      );
      expect(answer.status === 200 ? [] : flawsOf(answer, [400])).toEqual([]);
    });
  });

  describe('framing that is wrong', () => {
    it.each([
      ['a length that is no number', ['Content-Length: x'], ''],
      ['a negative length', ['Content-Length: -1'], ''],
      ['a length with a sign', ['Content-Length: +2'], '{}'],
      ['a length beyond all numbers', ['Content-Length: 99999999999999999999999'], ''],
      ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{} '],
      ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
      ['chunks of no size', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
      ['an unknown transfer encoding', ['Transfer-Encoding: gzip'], '{}'],
      ['a header without a colon', ['Nonsense'], ''],
      ['a header name with blanks', ['Content Type: application/json'], ''],
    ])('%s is 400, told like every error', async (_name, headers, body) => {
      const answer = await sendBytes(
        api,
        head('POST /api/tokens', 'Content-Type: application/json', ...headers) + body,
      );
      expect(flawsOf(answer, [400])).toEqual([]);
    });
  });
});
