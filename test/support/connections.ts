import type { Api } from './api.js';

/**
 * Opens a number of connections to the service, and as many from the service to its database as it allows, and keeps
 * them open. Otherwise the first of many parallel calls gets its response before the second one is connected, and the
 * calls do not race.
 */
export async function openConnections(api: Api, count = 40): Promise<void> {
  const call = () => api.send({ path: '/api/accounts/me', headers: { from: 'sip:nobody@sip.example.org' } });
  await Promise.all(Array.from({ length: count }, call));
}
