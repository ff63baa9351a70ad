import type { Api } from './api.js';

/**
 * Opens so many connections to the service, and as many of the service to its database as it allows itself, and leaves
 * them open. Without, the first of many calls at once has long been answered when the connection of the second stands,
 * and a race is none.
 */
export async function openConnections(api: Api, count = 40): Promise<void> {
  const call = () => api.send({ path: '/api/accounts/me', headers: { from: 'sip:nobody@sip.example.org' } });
  await Promise.all(Array.from({ length: count }, call));
}
