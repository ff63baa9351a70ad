import { isDeepStrictEqual } from 'node:util';
import { Api, type Client } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { everythingStored } from '../support/everything-stored.js';
import { flawsOf } from '../support/raw-http.js';
import { kinds, noString } from './member-values.js';

interface Member {
  kind: keyof typeof kinds;
  required?: boolean;
}

interface Route {
  path: string;
  as: 'anonymous' | 'user' | 'admin';
  /** A body that is valid in its shape, to break one member of. */
  body: Record<string, unknown>;
  members: Record<string, Member>;
}

const account = { username: 'valid-name', password: 'secret words', algorithm: 'SHA-256' };
const accountMembers: Record<string, Member> = {
  username: { kind: 'username', required: true },
  password: { kind: 'password', required: true },
  algorithm: { kind: 'algorithm', required: true },
  email: { kind: 'email' },
  phone: { kind: 'phone' },
};

/** Every route that reads a JSON body, with every member of it. */
const ROUTES: Route[] = [
  {
    path: '/api/tokens',
    as: 'anonymous',
    body: { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' },
    members: {
      pn_provider: { kind: 'provider', required: true },
      pn_param: { kind: 'pushParameter', required: true },
      pn_prid: { kind: 'pushParameter', required: true },
    },
  },
  {
    path: '/api/accounts/with-token',
    as: 'anonymous',
    body: { ...account, token: 'unknown' },
    members: { ...accountMembers, token: { kind: 'token', required: true }, domain: { kind: 'registrationDomain' } },
  },
  {
    path: '/api/accounts/nobody@sip.example.org/activate/email',
    as: 'anonymous',
    body: { code: '1234' },
    members: { code: { kind: 'emailCode', required: true } },
  },
  {
    path: '/api/accounts/nobody@sip.example.org/activate/phone',
    as: 'anonymous',
    body: { code: '1234' },
    members: { code: { kind: 'phoneCode', required: true } },
  },
  {
    path: '/api/accounts/me/email/request',
    as: 'user',
    body: { email: 'new@example.org' },
    members: { email: { kind: 'email', required: true } },
  },
  {
    path: '/api/accounts/me/password',
    as: 'user',
    body: { algorithm: 'SHA-256', password: 'other words', old_password: 'secret words' },
    members: {
      algorithm: { kind: 'algorithm' },
      password: { kind: 'password', required: true },
      old_password: { kind: 'oldPassword', required: true },
    },
  },
  {
    path: '/api/accounts/me/phone/request',
    as: 'user',
    body: { phone: '+33612345678' },
    members: { phone: { kind: 'phone', required: true } },
  },
  {
    path: '/api/accounts/me/phone',
    as: 'user',
    body: { code: '1234' },
    members: { code: { kind: 'phoneCode', required: true } },
  },
  {
    path: '/api/accounts',
    as: 'admin',
    body: account,
    members: {
      ...accountMembers,
      algorithm: { kind: 'algorithm' },
      display_name: { kind: 'displayName' },
      dtmf_protocol: { kind: 'dtmfProtocol' },
      domain: { kind: 'domain' },
      activated: { kind: 'boolean' },
      admin: { kind: 'boolean' },
      confirmation_key_expires: { kind: 'date' },
    },
  },
];

const CASES = ROUTES.flatMap((route) =>
  Object.entries(route.members).map(([member, { kind, required = false }]) => ({
    route,
    path: route.path,
    member,
    kind,
    required,
  })),
);

const shown = (value: unknown) => String(JSON.stringify(value)).slice(0, 60);

describe('members of request bodies', () => {
  let api: Api;
  let user: GivenAccount;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    user = await api.given.account({ email: 'old@example.org' });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const client = ({ as }: Route): Client =>
    as === 'anonymous' ? api.anonymous() : api.withKey(as === 'user' ? user : admin);

  /** Sends each value as the member; returns those that are not answered by a 422 that names this member and no other. */
  async function notRefused(route: Route, member: string, values: readonly unknown[]): Promise<string[]> {
    const stored = await everythingStored(api);
    const sent = api.pushes.attempts + api.mails.attempts + api.messages.attempts;
    const wrong: string[] = [];
    for (const value of values) {
      const answer = await client(route).post(route.path, { ...route.body, [member]: value });
      const flaws = flawsOf(answer, [422]);
      if (flaws.length > 0) wrong.push(`${shown(value)}: ${flaws.join('; ')}`);
      else if (Object.keys(answer.json.errors).join(' ') !== member) wrong.push(`${shown(value)}: ${answer.text}`);
    }
    if (!isDeepStrictEqual(await everythingStored(api), stored)) wrong.push('something was stored');
    if (api.pushes.attempts + api.mails.attempts + api.messages.attempts !== sent) wrong.push('something was sent');
    return wrong;
  }

  describe.each(CASES)('$path $member', ({ route, member, kind, required }) => {
    it('must be a JSON string, or what the contract has in its place', async () => {
      const values =
        kind === 'boolean'
          ? [[], {}, [true], [[1]], { value: 1 }, 2, -1, 0.5]
          : noString(route.body[member] ?? kinds[kind].good[0]);
      expect(await notRefused(route, member, values)).toEqual([]);
    });

    it('is refused for what it holds', async () => {
      expect(await notRefused(route, member, kinds[kind].bad)).toEqual([]);
    });

    if (required) {
      it('is missed when it is absent or null', async () => {
        expect(await notRefused(route, member, [undefined, null])).toEqual([]);
      });
    }
  });

  it.each(ROUTES)('$path names all its members that are wrong, and only those', async ({ ...route }) => {
    const names = Object.keys(route.members);
    const answer = await client(route).post(
      route.path,
      Object.fromEntries(names.map((name) => [name, { wrong: name }])),
    );
    expect(flawsOf(answer, [422])).toEqual([]);
    expect(Object.keys(answer.json.errors).toSorted()).toEqual(names.toSorted());
    for (const messages of Object.values(answer.json.errors))
      expect((messages as unknown[]).every((one) => typeof one === 'string')).toBe(true);
  });

  describe('what is accepted', () => {
    it.each(['pn_param', 'pn_prid'])('of %s', async (member) => {
      for (const value of kinds.pushParameter.good) {
        const other = { pn_param: api.given.unique('param'), pn_prid: api.given.unique('prid') };
        const answer = await api.anonymous().post('/api/tokens', { pn_provider: 'fcm', ...other, [member]: value });
        expect({ value, status: answer.status }).toEqual({ value, status: 200 });
        expect(api.pushes.last).toMatchObject({ [member === 'pn_param' ? 'pnParam' : 'pnPrid']: value });
      }
    });

    it('of pn_provider', async () => {
      for (const value of kinds.provider.good) {
        const device = { pn_provider: value, pn_param: 'project', pn_prid: api.given.unique('prid') };
        expect((await api.anonymous().post('/api/tokens', device)).status).toBe(200);
      }
    });

    const OTHER_NAMES: Record<string, string> = {
      date: 'confirmation_key_expires',
      displayName: 'display_name',
      dtmfProtocol: 'dtmf_protocol',
    };

    it.each([
      'username',
      'password',
      'algorithm',
      'domain',
      'email',
      'phone',
      'date',
      'displayName',
      'dtmfProtocol',
    ] as const)('of an account: %s', async (kind) => {
      const member = OTHER_NAMES[kind] ?? kind;
      for (const value of kinds[kind].good) {
        const body = {
          username: api.given.unique('account'),
          password: 'secret words',
          algorithm: 'MD5',
          [member]: value,
        };
        const answer = await api.withKey(admin).post('/api/accounts', body);
        expect({ value, status: answer.status }).toEqual({ value, status: 200 });
        if (kind !== 'password' && kind !== 'algorithm') expect(answer.json[member]).toBe(value);
      }
    });

    it('of an account with a token, names and all', async () => {
      for (const username of kinds.username.good.map((name) => `t${String(name).slice(1)}`)) {
        const body = {
          username,
          password: 'secret words',
          algorithm: 'MD5',
          token: await api.given.token(),
          domain: null,
          email: null,
        };
        const answer = await api.anonymous().post('/api/accounts/with-token', { ...body, phone: null });
        expect(username.includes('+') || answer.json.username === username).toBe(true);
        expect(answer.status).toBe(200);
      }
    });

    it('of activated and admin: true false 1 0 "1" "0", and null as if absent', async () => {
      for (const value of kinds.boolean.good) {
        const truth = [true, 1, '1'].includes(value as never);
        const body = {
          username: api.given.unique('boolean'),
          password: 'secret words',
          algorithm: 'MD5',
          activated: value,
          admin: value,
        };
        const answer = await api.withKey(admin).post('/api/accounts', body);
        expect(answer.json).toMatchObject({ activated: truth, admin: truth });
        expect(answer.json.confirmation_key === null).toBe(truth);
      }
    });

    it('of optional members: null, as if absent', async () => {
      const optional = {
        domain: null,
        email: null,
        phone: null,
        activated: null,
        admin: null,
        confirmation_key_expires: null,
        algorithm: null,
        display_name: null,
        dtmf_protocol: null,
        dictionary: null,
      };
      const body = { username: api.given.unique('nulls'), password: 'secret words', ...optional };
      const answer = await api.withKey(admin).post('/api/accounts', body);
      const nothing = {
        domain: 'sip.example.org',
        email: null,
        phone: null,
        activated: false,
        confirmation_key_expires: null,
      };
      expect(answer.json).toMatchObject(nothing);
    });

    it('of a password: every byte, which then is the one that signs in', async () => {
      for (const password of kinds.password.good as string[]) {
        const created = { username: api.given.unique('bytes'), password, algorithm: 'SHA-256', activated: true };
        expect((await api.withKey(admin).post('/api/accounts', created)).status).toBe(200);
        const sip = `${created.username}@sip.example.org`;
        const owner = { ...user, ...created, sip, from: `sip:${sip}`, algorithms: ['SHA-256' as const] };
        expect({ password, status: (await api.withDigest(owner).get('/api/accounts/me')).status }).toEqual({
          password,
          status: 200,
        });
        const trimmed = api.withDigest(owner, 'SHA-256', `${password.trim()} `);
        if (password !== `${password.trim()} `) expect((await trimmed.get('/api/accounts/me')).status).toBe(401);
      }
    });

    it('of an e-mail address to be confirmed', async () => {
      for (const email of kinds.email.good as string[]) {
        expect((await api.withKey(user).post('/api/accounts/me/email/request', { email })).text).toBe('{}');
        expect(api.mails.last.to).toBe(email);
      }
    });

    it.each(['emailCode', 'phoneCode'] as const)('of a code, shape only: %s', async (kind) => {
      const path = `/api/accounts/nobody@sip.example.org/activate/${kind === 'emailCode' ? 'email' : 'phone'}`;
      for (const code of kinds[kind].good)
        expect(flawsOf(await api.anonymous().post(path, { code }), [404])).toEqual([]);
    });
  });
});
