import type { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';

/** Returns the headers with the credentials of a caller. */
export type Credentials = (method: string, path: string) => Record<string, string>;

/** A kind of caller, and how it is refused on routes for users and for administrators; null if the call is allowed. */
export interface Identity {
  /** Creates one caller. Each has accounts of its own. */
  readonly create: (api: Api) => Promise<Credentials>;
  readonly refusals: Readonly<Record<'user' | 'admin', string | null>>;
  /** Whether its account was never activated, so that some routes accept it or refuse it in another way. */
  readonly isWaiting?: true;
}

type Make = (api: Api) => Promise<GivenAccount>;

const everywhere = (refusal: string) => ({ user: refusal, admin: refusal });

const byKey =
  (make: Make): Identity['create'] =>
  async (api) => {
    const { from, apiKey = '' } = await make(api);
    return () => ({ from, 'x-api-key': apiKey });
  };

const byDigest =
  (make: Make): Identity['create'] =>
  async (api) => {
    const account = await make(api);
    const session = await DigestClient.start(api, account);
    return (method, path) => ({ from: account.from, authorization: session.authorize(method, path) });
  };

const user: Make = (api) => api.given.account();
const waiting: Make = (api) => api.given.inactiveAccount();
const admin: Make = (api) => api.given.admin();
const deactivatedAdmin: Make = (api) => api.given.admin({ activated: false });

const blockedAdmin: Make = (api) => api.given.admin({ blocked: true });

const formerAdmin: Make = async (api) => {
  const account = await admin(api);
  await api.sql('DELETE FROM admins WHERE account_id = ?', [account.id]);
  return account;
};

/** The credentials of an account that is deleted after they have been used once. */
const deleted =
  (create: (make: Make) => Identity['create']): Identity['create'] =>
  async (api) => {
    const account = await admin(api);
    const credentials = await create(async () => account)(api);
    const answer = await api.send({ path: '/api/accounts/me', headers: credentials('GET', '/api/accounts/me') });
    if (answer.status !== 200) throw new Error(`it should have been good once: ${answer.text}`);
    await api.sql('DELETE FROM accounts WHERE id = ?', [account.id]);
    return credentials;
  };

const REFUSED_UNACTIVATED = everywhere('403 account_not_activated');
const REFUSED_BLOCKED = everywhere('403 account_blocked');
const REFUSED_AS_USER = { user: null, admin: '403 admin_required' };
const REFUSED_NOWHERE = { user: null, admin: null };
const UNKNOWN = everywhere('404 account_not_found');

/** All kinds of callers, by name. */
export const IDENTITIES: Readonly<Record<string, Identity>> = {
  nobody: { create: async () => () => ({}), refusals: everywhere('422 validation_failed from') },
  'the key of an administrator alone': {
    create: async (api) => {
      const { apiKey = '' } = await admin(api);
      return () => ({ 'x-api-key': apiKey });
    },
    refusals: REFUSED_NOWHERE,
  },
  'the name of an administrator alone': {
    create: async (api) => {
      const { from } = await admin(api);
      return () => ({ from });
    },
    refusals: everywhere('401 authentication_required'),
  },
  'a wrong key': {
    create: byKey(async (api) => ({ ...(await admin(api)), apiKey: 'wrong' })),
    refusals: everywhere('401 credentials_invalid'),
  },
  'the key of a user under the name of an administrator': {
    create: byKey(async (api) => ({ ...(await admin(api)), apiKey: (await user(api)).apiKey })),
    refusals: everywhere('401 credentials_invalid'),
  },
  'a wrong password': {
    create: byDigest(async (api) => ({ ...(await admin(api)), password: 'wrong words' })),
    refusals: everywhere('401 credentials_invalid'),
  },
  'an account that is not activated, by key': {
    create: byKey(waiting),
    refusals: REFUSED_UNACTIVATED,
    isWaiting: true,
  },
  'an account that is not activated, by Digest': {
    create: byDigest(waiting),
    refusals: REFUSED_UNACTIVATED,
    isWaiting: true,
  },
  'the key of a user alone': {
    create: async (api) => {
      const { apiKey = '' } = await user(api);
      return () => ({ 'x-api-key': apiKey });
    },
    refusals: REFUSED_AS_USER,
  },
  'a wrong key alone': {
    create: async () => () => ({ 'x-api-key': 'key-of-nobody-0123456789abcdefghij' }),
    refusals: everywhere('401 credentials_invalid'),
  },
  'a blocked administrator, by key': { create: byKey(blockedAdmin), refusals: REFUSED_BLOCKED },
  'a blocked administrator, by Digest': { create: byDigest(blockedAdmin), refusals: REFUSED_BLOCKED },
  'a deactivated administrator, by key': { create: byKey(deactivatedAdmin), refusals: REFUSED_UNACTIVATED },
  'a deactivated administrator, by Digest': { create: byDigest(deactivatedAdmin), refusals: REFUSED_UNACTIVATED },
  'a deleted administrator, by key': { create: deleted(byKey), refusals: UNKNOWN },
  'a deleted administrator, by Digest': { create: deleted(byDigest), refusals: UNKNOWN },
  'a user, by key': { create: byKey(user), refusals: REFUSED_AS_USER },
  'a user, by Digest': { create: byDigest(user), refusals: REFUSED_AS_USER },
  'a former administrator, by key': { create: byKey(formerAdmin), refusals: REFUSED_AS_USER },
  'a former administrator, by Digest': { create: byDigest(formerAdmin), refusals: REFUSED_AS_USER },
  'an administrator, by key': { create: byKey(admin), refusals: REFUSED_NOWHERE },
  'an administrator, by Digest': { create: byDigest(admin), refusals: REFUSED_NOWHERE },
};
