import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { everythingStored } from '../support/everything-stored.js';
import { flawsOf } from '../support/raw-http.js';

/** Bodies that each break a rule of §1, or none; what is answered must not depend on them. */
const BODIES: [string, Record<string, string>, string | Buffer][] = [
  ['nothing', {}, ''],
  ['an empty body with a type', { 'content-type': 'application/json' }, ''],
  ['what is no JSON', { 'content-type': 'application/json' }, '{'],
  ['a list', { 'content-type': 'application/json' }, '[]'],
  ['null', { 'content-type': 'application/json' }, 'null'],
  ['an object without members', { 'content-type': 'application/json' }, '{}'],
  [
    'wrong members',
    { 'content-type': 'application/json' },
    '{"email":1,"phone":[],"code":{},"username":"","password":1,"algorithm":"x"}',
  ],
  [
    'right members',
    { 'content-type': 'application/json' },
    '{"email":"a@example.org","phone":"+33612345678","code":"1234","username":"someone","password":"secret words","algorithm":"MD5"}',
  ],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'email=a@example.org'],
  ['text', { 'content-type': 'text/plain' }, 'x'],
  ['a malformed type', { 'content-type': '/' }, '{}'],
  ['no type', {}, '{}'],
  ['invalid UTF-8', { 'content-type': 'application/json' }, Buffer.from('{"a":"\xff"}', 'latin1')],
  ['deep lists', { 'content-type': 'application/json' }, `{"email":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
];

const USER_ROUTES: [string, string][] = [
  ['DELETE', '/api/accounts/me'],
  ['POST', '/api/accounts/me/email/request'],
  ['POST', '/api/accounts/me/password'],
  ['POST', '/api/accounts/me/phone/request'],
  ['POST', '/api/accounts/me/phone'],
  ['DELETE', '/api/accounts/me/devices/some-device'],
];

const ADMIN_ROUTES: [string, string][] = [
  ['POST', '/api/accounts'],
  ['DELETE', '/api/accounts/1'],
  ['POST', '/api/accounts/1/activate'],
  ['POST', '/api/accounts/1/deactivate'],
];

describe('a body from somebody who may not call the route', () => {
  let api: Api;
  let user: GivenAccount;
  let waiting: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    user = await api.given.account();
    waiting = await api.given.inactiveAccount();
  });
  afterAll(() => api.stop());

  /** Sends every body to the route, as one caller, and gives the answers' status and body without repetition. */
  async function answersTo(
    method: string,
    path: string,
    caller: Record<string, string>,
    status: number,
  ): Promise<string[]> {
    const stored = await everythingStored(api);
    const seen = new Set<string>();
    for (const [name, type, body] of BODIES) {
      const headers = { ...caller, ...type, 'content-length': String(Buffer.byteLength(body)) };
      const answer = await api.send({ method, path, headers, body });
      const flaws = flawsOf(answer, [status]);
      seen.add(flaws.length > 0 ? `${name}: ${flaws.join('; ')}` : answer.text);
      if (status === 401 && answer.challenges.length === 0) seen.add(`${name}: no challenge`);
    }
    expect(await everythingStored(api)).toEqual(stored);
    return [...seen];
  }

  describe.each([...USER_ROUTES, ...ADMIN_ROUTES])('%s %s', (method, path) => {
    it('changes nothing of the 422 for a missing From', async () => {
      const [answer = '', ...others] = await answersTo(method, path, {}, 422);
      expect(others).toEqual([]);
      expect(Object.keys(JSON.parse(answer).errors)).toEqual(['from']);
    });

    it.each(['', 'nonsense', 'sip:', 'sip:a@b@c', 'sip:a%00b@sip.example.org'])(
      'changes nothing of the 422 for the From "%s"',
      async (from) => {
        const [answer = '', ...others] = await answersTo(method, path, { from }, 422);
        expect(others).toEqual([]);
        expect(Object.keys(JSON.parse(answer).errors)).toEqual(['from']);
      },
    );

    it('changes nothing of the 404 for an unknown account', async () => {
      expect(await answersTo(method, path, { from: 'sip:nobody@sip.example.org', 'x-api-key': 'x' }, 404)).toHaveLength(
        1,
      );
    });

    it.each<Record<string, string>>([
      {},
      { 'x-api-key': '' },
      { 'x-api-key': 'wrong' },
      { authorization: 'Basic YTpi' },
      { authorization: 'Digest' },
    ])('changes nothing of the 401 for %j', async (credentials) => {
      expect(await answersTo(method, path, { from: user.from, ...credentials }, 401)).toHaveLength(1);
    });

    it('changes nothing of the 403 for an account that is not activated', async () => {
      const caller = { from: waiting.from, 'x-api-key': waiting.apiKey ?? '' };
      expect(await answersTo(method, path, caller, 403)).toHaveLength(1);
    });
  });

  it.each(ADMIN_ROUTES)(
    'changes nothing of the 403 for a user who is no administrator: %s %s',
    async (method, path) => {
      expect(await answersTo(method, path, { from: user.from, 'x-api-key': user.apiKey ?? '' }, 403)).toHaveLength(1);
    },
  );

  it.each([
    ['POST', '/api/nothing', 404],
    ['DELETE', '/api/accounts', 405],
    ['PUT', '/api/tokens', 405],
    ['POST', '/api/accounts/me', 405],
  ])('changes nothing of what is no route: %s %s', async (method, path, status) => {
    expect(await answersTo(method, path, {}, status)).toHaveLength(1);
  });

  it('is not read before the limit of failed activations is looked at', async () => {
    const limited = await Api.start({ environment: { RATE_LIMITS: 'on' } });
    try {
      const path = '/api/accounts/nobody@sip.example.org/activate/phone';
      for (let failure = 0; failure < 10; failure += 1) {
        expect((await limited.anonymous().post(path, { code: '0000' })).status).toBe(404);
      }
      for (const [, type, body] of BODIES) {
        const headers = { ...type, 'content-length': String(Buffer.byteLength(body)) };
        const answer = await limited.send({ method: 'POST', path, headers, body });
        expect(flawsOf(answer, [429])).toEqual([]);
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
    } finally {
      await limited.stop();
    }
  });
});
