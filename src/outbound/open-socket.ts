import type { Socket } from 'node:net';
import { OutboundCallFailed, reasonOf } from './outbound-call-failed.js';
import { untilAborted } from './until-aborted.js';

/**
 * Waits until a socket is connected.
 *
 * @param event `secureConnect` for a TLS socket.
 * @throws OutboundCallFailed if the socket is not connected before the signal is aborted; the socket is then destroyed.
 */
export function openSocket<S extends Socket>(
  service: string,
  connect: () => S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<S> {
  const socket = connect();
  const connected = new Promise<S>((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    // The listener stays: without it, an error of an idle socket would end the process.
    socket.on('error', (error) => reject(new OutboundCallFailed(service, reasonOf(error))));
    socket.once('close', () => reject(new OutboundCallFailed(service, 'closed the connection')));
  });
  return untilAborted(
    signal,
    service,
    () => socket.destroy(),
    () => connected,
  );
}
