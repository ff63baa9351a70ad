import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { openSocket } from '../outbound/open-socket.js';

/**
 * Connects to the host of a URL and closes the connection. Uses TLS if the scheme demands it. Sends no data.
 *
 * @throws OutboundCallFailed.
 */
export async function reach(service: string, url: string, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = { host, port: Number(port) || (isTls ? 443 : 80) };
  const servername = /[a-z]/i.test(host) && !host.includes(':') ? host : '';
  const connect = () => (isTls ? connectTls({ ...options, servername }) : connectTcp(options));
  const socket = await openSocket(service, connect, isTls ? 'secureConnect' : 'connect', signal);
  socket.destroy();
}
