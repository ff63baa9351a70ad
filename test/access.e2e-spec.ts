import { ACCESS, PAGES, UNDECLARED } from './support/access.js';
import { Api } from './support/api.js';
import type { GivenAccount } from './support/factories.js';

const PARAMETERS: Record<string, string> = {
  ':sip': 'nobody@sip.example.org',
  ':email': 'nobody@example.org',
  ':id': '999999',
  ':uuid': 'urn:uuid:1',
  ':secret': 'secret',
  ':token': 'unknown',
};

const restricted = Object.entries(ACCESS).filter(([, who]) => who !== 'anybody');

describe('Access control', () => {
  let api: Api;
  let user: GivenAccount;
  let inactive: GivenAccount;
  let inactiveAdmin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    user = await api.given.account();
    // Accounts that an administrator has deactivated. access-states.e2e-spec.ts has the other states.
    inactive = await api.given.account({ activated: false });
    inactiveAdmin = await api.given.admin({ activated: false });
  });
  afterAll(() => api.stop());

  it('is declared for every route', () => {
    const routes = [...api.routes].flatMap(([path, methods]) =>
      [...methods.keys()].map((method) => `${method} ${path}`),
    );
    // HEAD goes with GET, and what Swagger UI consists of goes with its page.
    const withoutHead = routes.filter((route) => !route.startsWith('HEAD ') && !route.startsWith('GET /api/docs/'));
    expect(withoutHead.toSorted()).toEqual(Object.keys({ ...ACCESS, ...PAGES }).toSorted());
    expect(UNDECLARED).toEqual([]);
  });

  const requestFor = (route: string, headers: Record<string, string> = {}) => {
    const [method, pattern = ''] = route.split(' ');
    const path = pattern.replace(/:\w+/g, (name) => PARAMETERS[name] ?? '');
    if (path.startsWith('/account/')) return { method, path, headers };
    return {
      method,
      path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: method === 'POST' ? '{}' : undefined,
    };
  };
  const call = (route: string, headers: Record<string, string> = {}) => api.send(requestFor(route, headers));
  const callByDigest = (account: GivenAccount, route: string) => api.withDigest(account).send(requestFor(route));
  const keyOf = ({ from, apiKey = '' }: GivenAccount) => ({ from, 'x-api-key': apiKey });

  it.each(Object.entries(ACCESS).filter(([, who]) => who === 'anybody'))('%s is open to %s', async (route) => {
    expect([200, 201, 302, 404, 422]).toContain((await call(route)).status);
    expect([200, 201, 302, 404, 422]).toContain(
      (await call(route, { from: 'not an address', 'x-api-key': 'wrong' })).status,
    );
  });

  it.each(restricted)('%s asks for an authenticated %s, and refuses everybody unknown', async (route) => {
    expect(await call(route)).toMatchObject({ status: 422, json: { errors: { from: expect.any(Array) as unknown } } });
    expect(await call(route, { from: 'sip:nobody@sip.example.org' })).toMatchObject({
      status: 404,
      json: { code: 'account_not_found' },
    });
    expect(await call(route, { from: user.from })).toMatchObject({
      status: 401,
      json: { code: 'authentication_required' },
    });
    expect(await call(route, { ...keyOf(user), 'x-api-key': 'wrong' })).toMatchObject({
      status: 401,
      json: { code: 'credentials_invalid' },
    });
    expect((await call(route, { from: inactive.from })).status).toBe(401);
  });

  it.each(restricted)('%s refuses an account that is not activated', async (route) => {
    expect(await call(route, keyOf(inactive))).toMatchObject({ status: 403, json: { code: 'account_not_activated' } });
    expect(await call(route, keyOf(inactiveAdmin))).toMatchObject({
      status: 403,
      json: { code: 'account_not_activated' },
    });
    for (const account of [inactive, inactiveAdmin]) {
      expect(await callByDigest(account, route)).toMatchObject({
        status: 403,
        json: { code: 'account_not_activated' },
      });
    }
  });

  it.each(restricted.filter(([, who]) => who === 'admin'))(
    '%s refuses a user who is not an administrator',
    async (route) => {
      expect(await call(route, keyOf(user))).toMatchObject({ status: 403, json: { code: 'admin_required' } });
      expect(await callByDigest(user, route)).toMatchObject({ status: 403, json: { code: 'admin_required' } });
    },
  );

  it.each(restricted)('%s accepts the right caller', async (route, who) => {
    const caller = await (who === 'admin' ? api.given.admin() : api.given.account());
    expect([200, 201, 404, 422]).toContain((await call(route, keyOf(caller))).status);
  });

  it('accepts an API key for its own account only', async () => {
    const other = await api.given.account();
    expect((await call('GET /api/accounts/me', { from: user.from, 'x-api-key': other.apiKey ?? '' })).status).toBe(401);
  });
});
