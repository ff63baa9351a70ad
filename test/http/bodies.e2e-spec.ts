import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { everythingStored } from '../support/everything-stored.js';
import { flawsOf } from '../support/raw-http.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A valid body of `POST /tokens`, for a device of its own. */
let devices = 0;
function deviceBody(): Record<string, unknown> {
  devices += 1;
  return { pn_provider: 'fcm', pn_param: 'project', pn_prid: `device-${devices}` };
}

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('request bodies', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  /** Posts these very bytes to `/tokens`. */
  const post = (body: string | Buffer, headers: Record<string, string | string[]> = JSON_TYPE): Promise<Answer> =>
    api.send({ method: 'POST', path: '/api/tokens', headers, body });

  describe('content types', () => {
    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/json ; charset=utf-8; x=y',
      'Application/JSON',
      'APPLICATION/JSON; CHARSET=UTF-8',
    ])('takes %s', async (type) => {
      expect(await post(JSON.stringify(deviceBody()), { 'content-type': type })).toMatchObject({
        status: 200,
        text: '{}',
      });
    });

    it.each([
      'text/plain',
      'text/json',
      'text/html; charset=utf-8',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/vnd.api+json',
      'application/json+x',
      'application/jsonp',
      'application/json/x',
      'application/json, text/plain',
      'text/plain, application/json',
      'text/plain; application/json',
      'text/plain; x="application/json"',
      'application/json x',
      'application',
      'application/',
      '/json',
      '/',
      '*/*',
      '"application/json"',
      'json',
      ';',
      '',
      '%61pplication/json',
      'application/j\u00e4son',
    ])('refuses "%s"', async (type) => {
      const answer = await post(JSON.stringify(deviceBody()), { 'content-type': type });
      expect(flawsOf(answer, [415])).toEqual([]);
      expect(answer.json.code).toBe('body_type_unsupported');
    });

    it('refuses a body without a content type', async () => {
      expect(flawsOf(await post(JSON.stringify(deviceBody()), {}), [415])).toEqual([]);
    });

    it('is not moved by other headers that speak of types', async () => {
      const headers = {
        'x-content-type': 'application/json',
        accept: 'application/json',
        'content-encoding': 'identity',
      };
      expect(flawsOf(await post(JSON.stringify(deviceBody()), headers), [415])).toEqual([]);
    });

    it('takes the same type twice, or refuses it, and refuses a body that is first of another type', async () => {
      const twice = await post(JSON.stringify(deviceBody()), {
        'content-type': ['application/json', 'application/json'],
      });
      expect([200, 400, 415]).toContain(twice.status);
      const mixed = await post(JSON.stringify(deviceBody()), { 'content-type': ['text/plain', 'application/json'] });
      expect(flawsOf(mixed, [400, 415])).toEqual([]);
    });

    it('answers JSON whatever Accept asks for', async () => {
      const answer = await post('{', { ...JSON_TYPE, accept: 'text/html, application/xml' });
      expect(flawsOf(answer, [400])).toEqual([]);
    });

    it('does not unpack a compressed body, and says so cleanly', async () => {
      const gzip = Buffer.from([
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0,
      ]);
      expect(flawsOf(await post(gzip, { ...JSON_TYPE, 'content-encoding': 'gzip' }), [400, 415])).toEqual([]);
    });
  });

  describe('what is not JSON', () => {
    it.each([
      ['a brace', '{'],
      ['a blank', ' '],
      ['a line break', '\r\n'],
      ['words', 'pn_provider=fcm&pn_param=project'],
      ['single quotes', "{'a':1}"],
      ['a trailing comma', '{"a":1,}'],
      ['a comment', '{"a":1}//x'],
      ['two objects', '{}{}'],
      ['an object and a NUL', '{}\0'],
      ['a bare NUL', '\0'],
      ['NaN', '{"a":NaN}'],
      ['Infinity', '{"a":Infinity}'],
      ['undefined', 'undefined'],
      ['hexadecimal', '{"a":0x10}'],
      ['a leading zero', '{"a":01}'],
      ['a plus sign', '{"a":+1}'],
      ['a raw control character in a string', '{"a":"\n"}'],
      ['an unknown escape', '{"a":"\\x41"}'],
      ['half an escape', '{"a":"\\u12"}'],
      ['an open string', '{"a":"b'],
      ['a name without quotes', '{a:1}'],
      ['20,000 open lists', '['.repeat(20_000)],
      ['20,000 open objects', '{"a":'.repeat(10_000)],
    ])('answers 400 to %s', async (_name, body) => {
      const answer = await post(body);
      expect(flawsOf(answer, [400])).toEqual([]);
      expect(answer.json.code).toBe('body_not_json');
    });

    it.each([
      ['a stray continuation byte', [0x80]],
      ['a cut sequence', [0xc3]],
      ['an overlong slash', [0xc0, 0xaf]],
      ['an overlong NUL', [0xc0, 0x80]],
      ['an encoded surrogate', [0xed, 0xa0, 0x80]],
      ['a code point above 10FFFF', [0xf4, 0x90, 0x80, 0x80]],
      ['bytes that never occur', [0xfe, 0xff]],
      ['Latin-1', [0xe9, 0x74, 0xe9]],
    ])('answers 400 to %s inside a string', async (_name, bytes) => {
      const body = Buffer.concat([Buffer.from('{"x":"'), Buffer.from(bytes), Buffer.from('"}')]);
      const answer = await post(body);
      expect(flawsOf(answer, [400])).toEqual([]);
      expect(answer.json.code).toBe('body_not_json');
    });

    it('answers 400 to UTF-16 and UTF-32', async () => {
      const text = JSON.stringify(deviceBody());
      const utf32 = Buffer.from(Uint32Array.from([...text], (one) => one.codePointAt(0) ?? 0).buffer);
      for (const body of [Buffer.from(text, 'utf16le'), Buffer.from(`\ufeff${text}`, 'utf16le'), utf32]) {
        expect(flawsOf(await post(body), [400])).toEqual([]);
      }
    });

    it('ignores or refuses a byte order mark, and refuses one alone', async () => {
      expect([200, 400]).toContain((await post(`\ufeff${JSON.stringify(deviceBody())}`)).status);
      expect(flawsOf(await post('\ufeff'), [400])).toEqual([]);
    });
  });

  it.each([
    ['an empty list', '[]'],
    ['a list of objects', '[{"pn_provider":"fcm"}]'],
    ['a string', '"{}"'],
    ['an empty string', '""'],
    ['zero', '0'],
    ['a number', '1.5e3'],
    ['null', 'null'],
    ['true', 'true'],
    ['false', 'false'],
    ['30,000 lists', nested(30_000)],
  ])('answers 400 to a root that is no object: %s', async (_name, body) => {
    const answer = await post(body);
    expect(flawsOf(answer, [400])).toEqual([]);
    expect(answer.json.code).toBe('body_not_object');
  });

  describe('odd objects', () => {
    it('takes blanks around the object', async () => {
      expect((await post(`\r\n\t ${JSON.stringify(deviceBody())} \n`)).status).toBe(200);
    });

    it.each([
      ['lists', nested(30_000)],
      ['objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ])('takes an unknown member with tens of thousands of nested %s', async (_name, deep) => {
      const body = JSON.stringify({ ...deviceBody(), deep: 0 }).replace('"deep":0', `"deep":${deep}`);
      expect((await post(body)).status).toBe(200);
    });

    it.each([
      ['lists', nested(30_000)],
      ['objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ])('refuses tens of thousands of nested %s as a known member', async (_name, deep) => {
      const body = JSON.stringify(deviceBody()).replace('"fcm"', deep);
      const answer = await post(body);
      expect(flawsOf(answer, [422])).toEqual([]);
      expect(Object.keys(answer.json.errors)).toEqual(['pn_provider']);
    });

    it('takes thousands of unknown members', async () => {
      const many = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`m${index}`, index]));
      expect((await post(JSON.stringify({ ...many, ...deviceBody() }))).status).toBe(200);
    });

    it.each([
      '"__proto__":{"pn_provider":"fcm"}',
      '"__proto__":null',
      '"\\u005f_proto__":{"polluted":true}',
      '"constructor":{"prototype":{"polluted":true}}',
      '"constructor":"text"',
      '"constructor":null',
      '"prototype":{"polluted":true}',
      '"x":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      '"then":"text","toJSON":1,"toString":1,"valueOf":1,"hasOwnProperty":1,"isPrototypeOf":1',
      '"":1',
    ])('ignores the member %s', async (members) => {
      const text = JSON.stringify(deviceBody());
      expect((await post(`{${members},${text.slice(1)}`)).status).toBe(200);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });

    it.each(['"__proto__":', '"constructor":', '"constructor":{"prototype":', '"prototype":'])(
      'takes no member from inside %s',
      async (name) => {
        const device = JSON.stringify(deviceBody());
        const answer = await post(`{${name}${device}${'}'.repeat(name.split('{').length)}`);
        expect(flawsOf(answer, [422])).toEqual([]);
        expect(Object.keys(answer.json.errors)).toEqual(['pn_provider', 'pn_param', 'pn_prid']);
      },
    );

    it('skips no validation for a member named like what validators look at', async () => {
      const stored = await everythingStored(api);
      for (const extra of [
        '"constructor":"x"',
        '"constructor":{"name":"x"}',
        '"__proto__":{"constructor":"x"}',
        '"then":null',
      ]) {
        const answer = await post(`{${extra},"pn_provider":"pigeon","pn_param":"","pn_prid":["x"]}`);
        expect(Object.keys(answer.json.errors)).toEqual(['pn_provider', 'pn_param', 'pn_prid']);
      }
      expect(await everythingStored(api)).toEqual(stored);
    });

    it('sees one value of a doubled member, never both', async () => {
      const { pn_prid: prid } = deviceBody();
      const answer = await post(
        `{"pn_provider":"pigeon","pn_provider":"fcm","pn_param":"project","pn_prid":"${prid as string}"}`,
      );
      expect([200, 400, 422]).toContain(answer.status);
      const other = await post(`{"pn_provider":"fcm","pn_provider":["fcm"],"pn_param":"project","pn_prid":"other"}`);
      expect([200, 400, 422]).toContain(other.status);
    });

    it('takes names and values written with escapes for what they spell', async () => {
      const body = '{"\\u0070n_provider":"\\u0066cm","pn_param":"project","pn_prid":"escaped"}';
      expect((await post(body)).status).toBe(200);
      expect(await api.count('tokens', 'pn_prid = ?', ['escaped'])).toBe(1);
    });

    it('writes no unknown member anywhere', async () => {
      const body = { username: api.given.unique('unknown'), password: 'secret words', algorithm: 'SHA-256' };
      const unknown = {
        id: 4_000_000,
        confirmation_key: 'aaaaaaaaaaaaa',
        ip_address: '203.0.113.9',
        creation_time: '2001-01-01 00:00:00',
      };
      const answer = await api
        .withKey(admin)
        .post('/api/accounts', { ...body, ...unknown, user_agent: 'liar', realm: 'liar' });
      expect(answer.status).toBe(200);
      const [row] = await api.sql('SELECT * FROM accounts WHERE username = ?', [body.username]);
      expect(Number(row.id)).toBeLessThan(4_000_000);
      expect(row.confirmation_key).not.toBe('aaaaaaaaaaaaa');
      expect(JSON.stringify(await everythingStored(api))).not.toMatch(/203\.0\.113\.9|2001-01-01|liar/);
    });
  });
});
