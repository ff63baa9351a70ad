import { OutboundCallFailed } from './outbound-call-failed.js';

/**
 * Waits for a call to an external service until the signal is aborted. Does not begin the call if the signal is aborted
 * already.
 *
 * @param service the name of the service in the log.
 * @param giveUp closes the connections that the call holds open.
 * @throws OutboundCallFailed if the signal is aborted first, and whatever the work throws.
 */
export function untilAborted<T>(
  signal: AbortSignal,
  service: string,
  giveUp: () => void,
  work: () => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => {
      reject(new OutboundCallFailed(service, 'did not answer in time'));
      giveUp();
    };
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late));
  });
}
