import * as fc from 'fast-check';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { type Answer, type RawRequest, sendRequest } from '../support/http.js';
import { flawsOf } from './helpers.js';

/** What bad input may be answered with (contract §1); no 5xx, since everything the service needs is there. */
const REFUSALS = [400, 401, 403, 404, 405, 413, 415, 422, 429];
const CALLERS = ['anonymous', 'user', 'admin'] as const;

/** The JSON routes, with a body that is right in its shape. */
const BODIES: Record<string, Record<string, unknown>> = {
  '/api/tokens': { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' },
  '/api/accounts/with-token': { username: 'fuzzer', password: 'secret words', algorithm: 'MD5', token: 'x', email: 'a@example.org' },
  '/api/accounts/nobody@sip.example.org/activate/email': { code: 'aZ3kP9sQ1xW7b' },
  '/api/accounts/nobody@sip.example.org/activate/phone': { code: '1234' },
  '/api/accounts/me/email/request': { email: 'new@example.org' },
  '/api/accounts/me/password': { algorithm: 'SHA-256', password: 'other words', old_password: 'secret words' },
  '/api/accounts/me/phone/request': { phone: '+33612345678' },
  '/api/accounts/me/phone': { code: '1234' },
  '/api/accounts': {
    username: 'fuzzer',
    password: 'secret words',
    algorithm: 'MD5',
    admin: '0',
    confirmation_key_expires: '2030-01-01 00:00:00',
  },
};
/** Actions whose path names what they do it to; none of them may succeed on what is made up. */
const TARGETS: [string, (segment: string) => string][] = [
  ['GET', (segment) => `/api/accounts/${segment}/info`],
  ['GET', (segment) => `/api/accounts/me/devices/${segment}`],
  ['DELETE', (segment) => `/api/accounts/me/devices/${segment}`],
  ['GET', (segment) => `/api/accounts/x${segment}`],
  ['DELETE', (segment) => `/api/accounts/x${segment}`],
  ['GET', (segment) => `/api/accounts/x${segment}/activate`],
  ['POST', (segment) => `/api/accounts/x${segment}/deactivate`],
  ['GET', (segment) => `/api/x${segment}`],
  ['GET', (segment) => `/api/accounts?page=${segment}`],
  ['GET', (segment) => `/api/accounts?per_page=${segment}&${segment}`],
];

/** Text a header can carry. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCodePoint(code)),
  maxLength: 60,
});
const anyText = fc.string({ unit: 'binary', maxLength: 80 });
/** A text with one place of it changed. */
const mutated = (text: string, insert: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.nat({ max: 3 }), insert)
    .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

describe('whatever is sent', () => {
  let api: Api;
  let accounts: Record<(typeof CALLERS)[number], GivenAccount | undefined>;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    accounts = { anonymous: undefined, user: await api.given.account(), admin: await api.given.admin() };
  });
  afterAll(() => api.stop());

  const keyOf = (caller: (typeof CALLERS)[number]): Record<string, string> => {
    const account = accounts[caller];
    return account ? { from: account.from, 'x-api-key': account.apiKey ?? '' } : {};
  };

  /** Fails unless the answer is a success or a clean refusal of the contract. */
  function check(answer: Answer, request: RawRequest): void {
    const flaws = answer.status === 200 ? [] : flawsOf(answer, REFUSALS);
    if (flaws.length > 0) throw new Error(`${request.method} ${request.path}: ${flaws.join('; ')}`);
  }

  async function checkSent(request: RawRequest): Promise<void> {
    check(await api.send(request), request);
  }

  const caller = fc.constantFrom(...CALLERS);
  const path = fc.constantFrom(...Object.keys(BODIES));

  it('as From, x-api-key and Authorization is refused, or right', async () => {
    const { user } = accounts as { user: GivenAccount };
    const from = fc.oneof(
      headerText,
      headerText.map((text) => `sip:${text}`),
      mutated(user.from, headerText),
      fc.constant(user.from),
    );
    const digest = 'Digest username="a", realm="r", nonce="0a", uri="/api/accounts/me", nc=00000001, cnonce="c", qop=auth, response="r"';
    const headers = fc.record(
      {
        from: fc.oneof(from, fc.array(from, { maxLength: 3 })),
        'x-api-key': fc.oneof(headerText, mutated(user.apiKey ?? '', headerText), fc.array(headerText, { maxLength: 3 })),
        authorization: fc.oneof(
          headerText,
          headerText.map((text) => `Digest ${text}`),
          mutated(digest, headerText),
          fc.array(headerText, { maxLength: 2 }),
        ),
        'x-request-id': headerText,
        accept: headerText,
        'user-agent': headerText,
      },
      { requiredKeys: [] },
    );
    const route = fc.constantFrom(
      ['GET', '/api/accounts/me'],
      ['GET', '/api/accounts'],
      ['POST', '/api/accounts/me/phone'],
      ['POST', '/api/tokens'],
    );
    await fc.assert(
      fc.asyncProperty(route, headers, ([method, target = ''], some) => checkSent({ method, path: target, headers: { ...some } })),
      { numRuns: 300 },
    );
  });

  it('as a Digest answer with something in it wrong is 401', async () => {
    const { user } = accounts as { user: GivenAccount };
    const challenged = await api.send({ path: '/api/accounts/me', headers: { from: user.from } });
    const nonce = /nonce="([^"]+)"/.exec(challenged.challenges[0] ?? '')?.[1] ?? '';
    const right = {
      username: user.username,
      realm: user.domain,
      nonce,
      uri: '/api/accounts/me',
      algorithm: 'SHA-256',
      qop: 'auth',
      nc: '00000001',
    };
    const value = fc.oneof(
      headerText.map((text) => `"${text}"`),
      headerText,
      fc.constantFrom('""', '"', 'auth', 'MD5', '"\\"'),
    );
    const parameters = fc.dictionary(
      fc.constantFrom(...Object.keys(right), 'cnonce', 'response', 'opaque', 'userhash', '__proto__', 'x'),
      value,
    );
    await fc.assert(
      fc.asyncProperty(parameters, async (changes) => {
        const quoted = Object.fromEntries(Object.entries(right).map(([name, text]) => [name, `"${text}"`]));
        const all = { ...quoted, cnonce: '"c"', response: `"${'0'.repeat(64)}"`, ...changes };
        const authorization = `Digest ${Object.entries(all)
          .map(([name, text]) => `${name}=${text}`)
          .join(', ')}`;
        const answer = await api.send({ path: '/api/accounts/me', headers: { from: user.from, authorization } });
        expect(flawsOf(answer, [401])).toEqual([]);
        expect(answer.challenges).toHaveLength(1);
      }),
      { numRuns: 250 },
    );
  });

  it('as members of a body is refused, or right', async () => {
    const member = fc.oneof(fc.jsonValue({ maxDepth: 3 }), anyText, fc.constantFrom(null, true, '1', 1e308, -0, '\ud800', '\0'));
    const request = path.chain((target) => {
      const body = BODIES[target] ?? {};
      const names = fc.oneof(
        fc.constantFrom(...Object.keys(body)),
        fc.constantFrom('__proto__', 'constructor', 'domain', 'phone', 'admin', 'activated', ''),
        anyText,
      );
      const changed = Object.values(body).map((value) => mutated(String(value), anyText));
      return fc.record({
        target: fc.constant(target),
        changes: fc.dictionary(names, fc.oneof(member, ...changed), { minKeys: 1, maxKeys: 4 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(caller, request, async (who, { target, changes }) => {
        const headers = { ...keyOf(who), 'content-type': 'application/json' };
        await checkSent({ method: 'POST', path: target, headers, body: JSON.stringify({ ...BODIES[target], ...changes }) });
      }),
      { numRuns: 400 },
    );
  });

  it('as a body of JSON is refused, or right', async () => {
    await fc.assert(
      fc.asyncProperty(caller, path, fc.json({ maxDepth: 5 }), async (who, target, body) => {
        await checkSent({ method: 'POST', path: target, headers: { ...keyOf(who), 'content-type': 'application/json' }, body });
      }),
      { numRuns: 250 },
    );
  });

  it('as a body of bytes, of any type, is refused', async () => {
    const type = fc.oneof(fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain'), headerText);
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }).map((one) => Buffer.from(one)),
      fc
        .constantFrom(...Object.values(BODIES))
        .chain((body) => mutated(JSON.stringify(body), anyText).map((text) => Buffer.from(`${text} `))),
    );
    await fc.assert(
      fc.asyncProperty(caller, path, type, bytes, async (who, target, contentType, body) => {
        await checkSent({ method: 'POST', path: target, headers: { ...keyOf(who), 'content-type': contentType }, body });
      }),
      { numRuns: 250 },
    );
  });

  it('as a part of the path or the query is refused, or right', async () => {
    const raw = fc.string({ unit: fc.constantFrom(...'abcxyz019@%/.;:&=+-_~!$\'()*,"<>[]\\^`{|}?#') });
    const escaped = fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
    const segment = fc.oneof(
      raw,
      escaped,
      anyText.filter((text) => text.isWellFormed()).map(encodeURIComponent),
      fc.tuple(raw, escaped).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(caller, fc.constantFrom(...TARGETS), segment, async (who, [method, target], part) => {
        // What the document says of a path depends on how the router understands it: here §1 alone is checked.
        const request = { method, path: target(part), headers: keyOf(who) };
        check(await sendRequest(api.origin, request), request);
      }),
      { numRuns: 400 },
    );
  });

  it('has changed nobody else, and left the service well', async () => {
    const { user, admin } = accounts as { user: GivenAccount; admin: GivenAccount };
    expect((await api.withKey(user).get('/api/accounts/me')).json).toMatchObject({ id: user.id, admin: false, activated: true });
    expect((await api.withKey(admin).get('/api/accounts/me')).json).toMatchObject({ id: admin.id, admin: true, activated: true });
    expect((await api.anonymous().get('/api/ping')).text).toBe('pong');
    expect(api.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  });
});
