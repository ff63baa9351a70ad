/** Who may call a route: anybody, an activated account, or one that is an administrator too; pages of the panel none of these. */
export type Who = 'anybody' | 'user' | 'admin' | 'nobody';

/** Every route of the service but the panel's and who may call it. A route that is not here fails `test/access.e2e-spec.ts`. */
export const ACCESS: Readonly<Record<string, Who>> = {
  'GET /api': 'anybody',
  'GET /api/docs': 'anybody',
  'GET /api/ping': 'anybody',
  'GET /health/live': 'anybody',
  'GET /health/ready': 'anybody',
  'GET /account/email/:id/:secret': 'anybody',
  'POST /account/email/:id/:secret': 'anybody',
  'POST /api/tokens': 'anybody',
  'POST /api/accounts/with-token': 'anybody',
  'GET /api/accounts/:sip/info': 'anybody',
  'POST /api/accounts/:sip/activate/email': 'anybody',
  'POST /api/accounts/:sip/activate/phone': 'anybody',
  'GET /api/accounts/me': 'user',
  'DELETE /api/accounts/me': 'user',
  'POST /api/accounts/me/email/request': 'user',
  'POST /api/accounts/me/password': 'user',
  'POST /api/accounts/me/phone/request': 'user',
  'POST /api/accounts/me/phone': 'user',
  'GET /api/accounts/me/devices': 'user',
  'GET /api/accounts/me/devices/:uuid': 'user',
  'DELETE /api/accounts/me/devices/:uuid': 'user',
  'GET /api/accounts': 'admin',
  'POST /api/accounts': 'admin',
  'GET /api/accounts/:id': 'admin',
  'DELETE /api/accounts/:id': 'admin',
  'GET /api/accounts/:id/activate': 'admin',
  'POST /api/accounts/:id/activate': 'admin',
  'GET /api/accounts/:id/deactivate': 'admin',
  'POST /api/accounts/:id/deactivate': 'admin',
};

/** Every page of the panel, and who must have signed in. A page that is not here fails `test/access.e2e-spec.ts`. */
export const PAGES: Readonly<Record<string, 'anybody' | 'user' | 'admin'>> = {
  'GET /': 'anybody',
  'GET /favicon.ico': 'anybody',
  'GET /account/favicon.svg': 'anybody',
  'GET /account/style.css': 'anybody',
  'GET /account/sign-in': 'anybody',
  'POST /account/sign-in': 'anybody',
  'POST /account/sign-out': 'anybody',
  'GET /account': 'user',
  'GET /account/password': 'user',
  'POST /account/password': 'user',
  'GET /account/email': 'user',
  'POST /account/email': 'user',
  'GET /account/phone': 'user',
  'POST /account/phone': 'user',
  'GET /account/phone/code': 'user',
  'POST /account/phone/code': 'user',
  'GET /account/devices': 'user',
  'POST /account/devices/remove': 'user',
  'GET /account/delete': 'user',
  'POST /account/delete': 'user',
  'GET /account/delete/confirm': 'user',
  'GET /account/api-key': 'admin',
  'GET /account/api-key/generate': 'admin',
  'POST /account/api-key/generate': 'admin',
  'GET /account/api-key/revoke': 'admin',
  'POST /account/api-key/revoke': 'admin',
  'GET /account/accounts': 'admin',
  'GET /account/accounts/new': 'admin',
  'POST /account/accounts/new': 'admin',
  'GET /account/accounts/:id': 'admin',
  'POST /account/accounts/:id/activate': 'admin',
  'POST /account/accounts/:id/deactivate': 'admin',
  'GET /account/accounts/:id/delete': 'admin',
  'POST /account/accounts/:id/delete': 'admin',
};

/** Who may call, with the credentials of the API, what the log names as the route of a request; HEAD goes with GET, and the parts of Swagger UI with its page. */
export function whoMayCall(method: string, route: string): Who | undefined {
  if (route.startsWith('/api/docs')) return 'anybody';
  const name = `${method === 'HEAD' ? 'GET' : method} ${route.replace(/(.)\/$/, '$1')}`;
  const page = PAGES[name];
  return page === 'user' || page === 'admin' ? 'nobody' : (page ?? ACCESS[name]);
}
