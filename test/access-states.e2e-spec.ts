import { ACCESS } from './support/access.js';
import { Api } from './support/api.js';
import type { GivenAccount } from './support/factories.js';

const PARAMETERS: Record<string, string> = {
  ':id': '999999',
  ':uuid': 'urn:uuid:1',
  ':sip': 'nobody@sip.example.org',
  ':token': 'unknown',
  ':email': 'nobody@example.org',
};

const REFUSALS = new Set(['account_not_activated', 'account_unvalidated', 'account_blocked', 'admin_required']);

describe('The states of an account', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start()));
  afterAll(() => api.stop());

  /** The accounts that call. Each call has an account of its own, because a call may change or delete it. */
  const callers: Readonly<Record<string, () => Promise<GivenAccount>>> = {
    'not activated (2021)': () => api.given.inactiveAccount(),
    'not activated (2.x)': () => api.given.newAccount(),
    'turned off': () => api.given.account({ activated: false, creationToken: true }),
    user: () => api.given.account(),
    blocked: () => api.given.account({ blocked: true, admin: true }),
    administrator: () => api.given.admin(),
  };

  const refusalOf = async (route: string, account?: GivenAccount): Promise<string> => {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pattern.replace(/:\w+/g, (name) => PARAMETERS[name] ?? '');
    const credentials: Record<string, string> = account
      ? { from: account.from, 'x-api-key': account.apiKey ?? '' }
      : {};
    const headers = { ...credentials, 'content-type': 'application/json' };
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined;
    const answer = await api.send({ method, path, headers, body });
    const { status } = answer;
    const code = status < 400 ? '' : (answer.json as { code: string }).code;
    if (!account) return String(status);
    return REFUSALS.has(code) ? `${status} ${code}` : 'accepted';
  };

  it('decide which routes it may call', async () => {
    const table: Record<string, Record<string, string>> = {};
    for (const [route, who] of Object.entries(ACCESS)) {
      if (who === 'anybody') continue;
      const row: Record<string, string> = { nobody: await refusalOf(route) };
      for (const [state, create] of Object.entries(callers)) row[state] = await refusalOf(route, await create());
      table[route] = row;
    }
    expect(table).toMatchSnapshot();
  });
});
