/** Who may call a route: anybody, an activated account, or one that is an administrator too. */
export type Who = 'anybody' | 'user' | 'admin';

/** Every route of the service and who may call it. A route that is not here fails `test/access.e2e-spec.ts`. */
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

/** Who may call what the log names as the route of a request; HEAD goes with GET, and the parts of Swagger UI with its page. */
export function whoMayCall(method: string, route: string): Who | undefined {
  if (route.startsWith('/api/docs')) return 'anybody';
  return ACCESS[`${method === 'HEAD' ? 'GET' : method} ${route.replace(/(.)\/$/, '$1')}`];
}
