import type { Api } from '../support/api.js';
import { uniquePhone } from '../support/public-routes.js';
import { Visitor } from '../support/visitor.js';
import { again, type Preparation } from './api-calls.js';

type Entered = Record<string, string>;

async function userOn(page: string, api: Api): Promise<Visitor> {
  const account = await api.given.account({ email: 'old@example.org', phone: uniquePhone(api) });
  const times = { expiresAt: api.clock.in(60), updatedAt: api.clock.now() };
  api.registrar.register(account, { ...times, uniqueId: '"<urn:uuid:one>"', userAgent: 'a test' });
  const visitor = new Visitor(api);
  await visitor.signIn(account);
  await visitor.open(page);
  return visitor;
}

async function adminOn(page: string, api: Api): Promise<Visitor> {
  const visitor = new Visitor(api);
  await visitor.signIn(await api.given.admin());
  await visitor.open(page);
  return visitor;
}

/** A signed-in user opens a page. */
const opens =
  (who: typeof userOn, page: string): Preparation =>
  async (api) =>
    (await who('/account', api)).toOpen(page);

/** A signed-in user sends the form of a page. */
const sends =
  (who: typeof userOn, page: string, action: string, entered: (api: Api) => Entered = () => ({})): Preparation =>
  async (api) =>
    (await who(page, api)).toSubmit(action, entered(api));

/** A call of an administrator about an account: its page, a page below it, or a form there. */
const aboutAnother =
  (below = '', action?: string): Preparation =>
  async (api) => {
    const { id } = await (action === '/deactivate'
      ? api.given.account()
      : api.given.inactiveAccount({ blocked: action === '/unblock' }));
    const page = `/account/accounts/${id}${below}`;
    const visitor = await adminOn(page, api);
    return action === undefined ? visitor.toOpen(page) : visitor.toSubmit(action);
  };

const signIn: Preparation = async (api) => {
  const { sip, password } = await api.given.account();
  const visitor = new Visitor(api);
  await visitor.open('/account/sign-in');
  return visitor.toSubmit('/account/sign-in', { sip, password });
};

const deletion: Preparation = async (api) => {
  const account = await api.given.account();
  const visitor = new Visitor(api);
  await visitor.signIn(account);
  await visitor.open('/account/delete/confirm');
  return visitor.toSubmit('/account/delete', { sip: account.sip });
};

const phoneConfirmation: Preparation = async (api) => {
  const visitor = await userOn('/account/phone', api);
  await visitor.submit('/account/phone', { phone: uniquePhone(api) });
  return visitor.toSubmit('/account/phone/code', { code: api.messages.last.code });
};

const NEW_PASSWORD = { old_password: 'secret words', password: 'new words', repeat: 'new words', algorithm: 'SHA-256' };
const newAccount = (api: Api) => ({
  username: api.given.unique('created'),
  password: 'secret words',
  algorithm: 'SHA-256',
});

/** A successful call for each page and form of the panel. */
export const PANEL_CALLS: Readonly<Record<string, Preparation>> = {
  'GET /': async () => ({ path: '/' }),
  'GET /favicon.ico': async () => ({ path: '/favicon.ico' }),
  'GET /account/favicon.svg': async () => ({ path: '/account/favicon.svg' }),
  'GET /account/style.css': async () => ({ path: '/account/style.css' }),
  'GET /account/captcha/proof-of-work.js': async () => ({ path: '/account/captcha/proof-of-work.js' }),
  'GET /account/captcha/scrypt.js': async () => ({ path: '/account/captcha/scrypt.js' }),
  'GET /account/sign-in': async () => ({ path: '/account/sign-in' }),
  'POST /account/sign-in': signIn,
  'POST /account/sign-out': sends(userOn, '/account', '/account/sign-out'),
  'GET /account': opens(userOn, '/account'),
  'GET /account/password': opens(userOn, '/account/password'),
  'POST /account/password': sends(userOn, '/account/password', '/account/password', () => NEW_PASSWORD),
  'GET /account/email': opens(userOn, '/account/email'),
  'POST /account/email': sends(userOn, '/account/email', '/account/email', () => ({ email: 'new@example.org' })),
  'GET /account/phone': opens(userOn, '/account/phone'),
  'POST /account/phone': sends(userOn, '/account/phone', '/account/phone', (api) => ({ phone: uniquePhone(api) })),
  'GET /account/phone/code': opens(userOn, '/account/phone/code'),
  'POST /account/phone/code': phoneConfirmation,
  'GET /account/devices': opens(userOn, '/account/devices'),
  'POST /account/devices/remove': sends(userOn, '/account/devices', '/account/devices/remove'),
  'GET /account/delete': opens(userOn, '/account/delete'),
  'POST /account/delete': deletion,
  'GET /account/delete/confirm': opens(userOn, '/account/delete/confirm'),
  'GET /account/api-key': opens(adminOn, '/account/api-key'),
  'GET /account/api-key/generate': opens(adminOn, '/account/api-key/generate'),
  'POST /account/api-key/generate': sends(adminOn, '/account/api-key/generate', '/account/api-key/generate'),
  'GET /account/api-key/revoke': opens(adminOn, '/account/api-key/revoke'),
  'POST /account/api-key/revoke': sends(adminOn, '/account/api-key/revoke', '/account/api-key/revoke'),
  'GET /account/accounts': again(opens(adminOn, '/account/accounts')),
  'GET /account/accounts/new': opens(adminOn, '/account/accounts/new'),
  'POST /account/accounts/new': sends(adminOn, '/account/accounts/new', '/account/accounts/new', newAccount),
  'GET /account/accounts/:id': aboutAnother(),
  'POST /account/accounts/:id/activate': aboutAnother('', '/activate'),
  'POST /account/accounts/:id/deactivate': aboutAnother('', '/deactivate'),
  'GET /account/accounts/:id/block': aboutAnother('/block'),
  'POST /account/accounts/:id/block': aboutAnother('/block', '/block'),
  'POST /account/accounts/:id/unblock': aboutAnother('', '/unblock'),
  'GET /account/accounts/:id/delete': aboutAnother('/delete'),
  'POST /account/accounts/:id/delete': aboutAnother('/delete', '/delete'),
};
