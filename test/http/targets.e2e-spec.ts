import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { everythingStored } from '../support/everything-stored.js';
import { flawsOf, sendBytes } from '../support/raw-http.js';

const head = (requestLine: string, ...headers: string[]) =>
  [requestLine, 'Host: api.example.org', ...headers, '', ''].join('\r\n');

/** What somebody may put where a segment of a path belongs, to make more or something else of it. */
const TRICKS = [
  '%00',
  'a%00b',
  '%0d%0aX-Injected:%201',
  '%zz',
  '%',
  '%2',
  '%2F',
  '%2f..%2f',
  '%252F',
  '%25',
  '%2500',
  '%C0%80',
  '%C0%AF',
  '%E0%80%AF',
  '%ED%A0%80',
  '%F4%90%80%80',
  '%FF',
  '%u0041',
  '%C3%A9',
  '%F0%9F%92%A9',
  '%E2%80%AE',
  '%EF%BC%91',
  '..',
  '.',
  '%2e%2e',
  '..%2F..%2Fetc%2Fpasswd',
  ';',
  '1;x',
  '%3B',
  '*',
  "'",
  "'%20OR%20'1'='1",
  '1%20OR%201=1',
  '%27%3B%20DROP%20TABLE%20accounts;--',
  '%22',
  '%5C',
  '%60',
  '{{7*7}}',
  '$%7B7*7%7D',
  '%3Cscript%3E',
  ':id',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '00',
  '01',
  '1.0',
  '1e1',
  '0x1',
  '1%20',
  '%201',
  '+1',
  '1,2',
  '99999999999',
  '9999999999',
  '4294967296',
  '2147483648',
  '18446744073709551616',
  'a'.repeat(100),
  'a'.repeat(1_024),
  'a'.repeat(1_025),
  'a'.repeat(8_000),
  '%41'.repeat(2_000),
];

const keyOf = ({ from, apiKey = '' }: GivenAccount) => ({ from, 'x-api-key': apiKey });

describe('request targets', () => {
  let api: Api;
  let user: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    user = await api.given.account();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  describe.each(TRICKS.map((trick) => ({ name: `${trick.slice(0, 40)} (${trick.length})`, trick })))(
    '$name',
    ({ trick }) => {
      it('as {id} is 404, and nothing is done', async () => {
        const stored = await everythingStored(api);
        for (const [method, path] of [
          ['GET', `/api/accounts/${trick}`],
          ['DELETE', `/api/accounts/${trick}`],
          ['GET', `/api/accounts/${trick}/activate`],
          ['POST', `/api/accounts/${trick}/deactivate`],
        ] as const) {
          const answer = await sendRequest(api.origin, { method, path, headers: keyOf(admin) });
          expect(flawsOf(answer, [404])).toEqual([]);
        }
        expect(await everythingStored(api)).toEqual(stored);
      });

      it('in {sip} is 404, and nothing is done', async () => {
        const stored = await everythingStored(api);
        for (const sip of [
          trick,
          `${trick}@sip.example.org`,
          `${user.username}@${trick}`,
          `${user.sip}${trick}`,
          `${trick}${user.sip}`,
        ]) {
          const info = await sendRequest(api.origin, { path: `/api/accounts/${sip}/info` });
          expect(flawsOf(info, [404])).toEqual([]);
          const code = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"code":"1234"}' };
          const activation = await sendRequest(api.origin, { ...code, path: `/api/accounts/${sip}/activate/phone` });
          expect(flawsOf(activation, [404])).toEqual([]);
        }
        expect(await everythingStored(api)).toEqual(stored);
      });

      it('as {uuid} is 404', async () => {
        for (const method of ['GET', 'DELETE']) {
          const answer = await sendRequest(api.origin, {
            method,
            path: `/api/accounts/me/devices/${trick}`,
            headers: keyOf(user),
          });
          expect(flawsOf(answer, [404])).toEqual([]);
        }
      });
    },
  );

  it('that the router cannot take apart are told of by the published document', async () => {
    for (const trick of ['%zz', 'a'.repeat(1_025)]) {
      expect((await api.send({ path: `/api/accounts/${trick}/info` })).status).toBe(404);
      expect((await api.withKey(admin).get(`/api/accounts/${trick}`)).status).toBe(404);
      expect((await api.withKey(user).get(`/api/accounts/me/devices/${trick}`)).status).toBe(404);
    }
  });

  describe('{sip}', () => {
    it('is taken with @ and + raw or escaped, once', async () => {
      const { sip } = await api.given.account({ username: '+33612345678' });
      const [name, domain] = sip.split('@');
      for (const path of [sip, `%2B33612345678@${domain}`, `%2b33612345678%40${domain}`, `${name}%40${domain}`]) {
        expect(await api.send({ path: `/api/accounts/${path}/info` })).toMatchObject({ status: 200 });
      }
      for (const path of [
        `%252B33612345678@${domain}`,
        `${name}%2540${domain}`,
        `%2033612345678@${domain}`,
        `33612345678@${domain}`,
      ]) {
        expect(flawsOf(await api.send({ path: `/api/accounts/${path}/info` }), [404])).toEqual([]);
      }
    });

    it('compares byte for byte', async () => {
      const { username } = await api.given.account({ username: 'straight' });
      for (const name of [
        'Straight',
        'STRAIGHT',
        'stra\u00efght',
        'straight%20',
        '%20straight',
        'straight%00',
        'straigh%C5%A3',
      ]) {
        expect(
          flawsOf(
            await api.send({ path: `/api/accounts/${encodeURI(name).replaceAll('%25', '%')}@sip.example.org/info` }),
            [404],
          ),
        ).toEqual([]);
      }
      for (const domain of ['SIP.example.org', 'sip.example.org.', 'sip.example.org%20', 'sip.example.org:5060']) {
        expect(flawsOf(await api.send({ path: `/api/accounts/${username}@${domain}/info` }), [404])).toEqual([]);
      }
    });

    it.each([
      '',
      '@',
      `@sip.example.org`,
      'someone@',
      'a@b@c',
      'sip:someone@sip.example.org',
      'someone',
      '%40',
      'a%40b%40c',
    ])('that is none is 404: "%s"', async (sip) => {
      expect(flawsOf(await api.send({ path: `/api/accounts/${sip}/info` }), [404])).toEqual([]);
    });
  });

  describe('{uuid}', () => {
    it('is percent-decoded, once', async () => {
      const registration = { expiresAt: api.clock.in(3600), updatedAt: api.clock.now(), userAgent: 'a test' };
      api.registrar.register(user, { ...registration, uniqueId: '"<urn:uuid:7a3d/8e90%20x>"' });
      const path = `/api/accounts/me/devices/${encodeURIComponent('urn:uuid:7a3d/8e90%20x')}`;
      expect((await api.withKey(user).get(path)).json.uuid).toBe('urn:uuid:7a3d/8e90%20x');
      expect((await api.withKey(user).get(path.replace('%2520', '%20'))).status).toBe(404);
      expect((await api.withKey(user).get(path.replace('%2F', '/'))).status).toBe(404);
    });
  });

  describe('other forms of target', () => {
    it.each([
      'GET http://evil.example/nothing HTTP/1.1',
      'GET http:///api/ping HTTP/1.1',
      'GET http://user@evil.example/api/ping HTTP/1.1',
      'GET http://evil.example//api/ping HTTP/1.1',
      'GET http://evil.example/flexiapi/flexiapi/api/ping HTTP/1.1',
      'GET httpx://evil.example/api/ping HTTP/1.1',
      'GET //evil.example/api/ping HTTP/1.1',
      'GET //api/ping HTTP/1.1',
      'CONNECT evil.example:443 HTTP/1.1',
      'CONNECT /api/ping HTTP/1.1',
      'GET evil.example:443 HTTP/1.1',
      'GET ftp://evil.example/api/ping HTTP/1.1',
      'GET file:///etc/passwd HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'GET * HTTP/1.1',
      'GET /api/nothing#/api/ping HTTP/1.1',
      'GET ?x HTTP/1.1',
    ])('%s is a clean 4xx', async (line) => {
      expect(flawsOf(await sendBytes(api, head(line)), [400, 404, 405])).toEqual([]);
    });

    // The host in a target names no other page: the links of the start page are those of APP_URL.
    it.each([
      'http://evil.example',
      'http://evil.example/flexiapi',
      'http://evil.example?/api/ping',
      '/?/api/ping',
      '/flexiapi',
    ])('GET %s is the start page', async (target) => {
      const { status, text } = await sendBytes(api, head(`GET ${target} HTTP/1.1`));
      expect(status).toBe(200);
      expect(text).toContain('/flexiapi/api/docs');
      expect(text).not.toContain('evil.example');
    });

    it.each([
      ['a method nobody knows', head('BREW /api/ping HTTP/1.1')],
      ['a method in lower case', head('get /api/ping HTTP/1.1')],
      ['a target without a slash', head('GET api/ping HTTP/1.1')],
      ['no target', head('GET HTTP/1.1')],
      ['a blank in the target', head('GET /api/ping x HTTP/1.1')],
      ['a raw NUL in the target', head('GET /api/pi\0ng HTTP/1.1')],
      ['a version nobody knows', head('GET /api/ping HTTP/9.9')],
      ['no HTTP at all', 'hello there\r\n\r\n'],
      ['a TLS greeting', Buffer.from('16030100a5010000a10303', 'hex')],
      ['a NUL in a header', head('GET /api/accounts/me HTTP/1.1', 'From: sip:a\0b@sip.example.org')],
      ['a control character in a header', head('GET /api/accounts/me HTTP/1.1', 'From: sip:a\u0007b@sip.example.org')],
      ['a folded header', head('GET /api/accounts/me HTTP/1.1', 'From: sip:a', ' b@sip.example.org')],
      ['a header of 64 KiB', head('GET /api/accounts/me HTTP/1.1', `From: sip:${'a'.repeat(65_536)}@sip.example.org`)],
      ['a target of 64 KiB', head(`GET /api/accounts/${'a'.repeat(65_536)} HTTP/1.1`)],
      [
        'thousands of headers',
        head('GET /api/accounts/me HTTP/1.1', ...Array.from({ length: 5_000 }, (_, index) => `X-${index}: y`)),
      ],
    ])('%s is a 4xx of the contract', async (_name, bytes) => {
      expect(flawsOf(await sendBytes(api, bytes), [400, 404, 422])).toEqual([]);
    });

    it('a request without Host is served, or refused as the contract refuses', async () => {
      const answer = await sendBytes(api, 'GET /api/ping HTTP/1.1\r\n\r\n');
      expect(answer.status === 200 ? [] : flawsOf(answer, [400])).toEqual([]);
    });

    it('takes a raw non-ASCII path for what it is, or refuses it cleanly', async () => {
      const answer = await sendBytes(
        api,
        Buffer.from(head('GET /api/accounts/j\u00fcrgen@sip.example.org/info HTTP/1.1'), 'utf8'),
      );
      expect(flawsOf(answer, [400, 404])).toEqual([]);
    });

    it('a request for another protocol is answered in this one', async () => {
      const answer = await sendBytes(
        api,
        head('GET /api/accounts/me HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'),
      );
      expect(flawsOf(answer, [422])).toEqual([]);
    });
  });

  describe('From', () => {
    const me = (...from: string[]) =>
      head('GET /api/accounts/me HTTP/1.1', ...from.map((one) => `From: ${one}`), `x-api-key: ${user.apiKey}`);

    it('twice is 400, equal or not, empty or not', async () => {
      for (const second of [user.from, admin.from, '', 'nonsense']) {
        expect(flawsOf(await sendBytes(api, me(user.from, second)), [400])).toEqual([]);
        expect(flawsOf(await sendBytes(api, me(second, user.from)), [400])).toEqual([]);
      }
    });

    it('twice, or malformed, does not disturb a public route', async () => {
      const info = (...from: string[]) =>
        head(`GET /api/accounts/${user.sip}/info HTTP/1.1`, ...from.map((one) => `From: ${one}`));
      for (const request of [info(user.from, admin.from), info('nonsense'), info(''), info('sip:%00@x')]) {
        expect((await sendBytes(api, request)).status).toBe(200);
      }
    });

    it('in a list is malformed', async () => {
      expect(flawsOf(await sendBytes(api, me(`${user.from}, ${user.from}`)), [422])).toEqual([]);
    });
  });
});
