import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NeighbourFailed, reasonOf } from '../common/neighbours/neighbour-failed.js';
import { untilAborted } from '../common/neighbours/until-aborted.js';

/**
 * Connects to the host of a URL, by TLS where its scheme says so, and hangs up: nothing is sent.
 *
 * @throws NeighbourFailed.
 */
export function reach(neighbour: string, url: string, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = { host, port: Number(port) || (isTls ? 443 : 80) };
  const socket = isTls
    ? connectTls({ ...options, servername: /[a-z]/i.test(host) && !host.includes(':') ? host : '' })
    : connectTcp(options);
  const established = new Promise<void>((resolve, reject) => {
    socket.once(isTls ? 'secureConnect' : 'connect', resolve);
    socket.once('error', (error) => reject(new NeighbourFailed(neighbour, reasonOf(error))));
    socket.once('close', () => reject(new NeighbourFailed(neighbour, 'closed the connection')));
  });
  return untilAborted(
    signal,
    neighbour,
    () => socket.destroy(),
    () => established.finally(() => socket.destroy()),
  );
}
