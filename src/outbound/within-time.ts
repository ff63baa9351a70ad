import { OutboundCallFailed } from './outbound-call-failed.js';

/** Milliseconds that an adapter has to stop after the time is over. */
export const GRACE = 1_000;

/**
 * The reason of a signal that is aborted after the answer. It is created once: without a reason, each signal creates an
 * error with a stack.
 */
const OVER = new Error('the call is over');

/**
 * Calls an external service and waits for a limited time.
 *
 * @param question gets a signal that is aborted when no caller waits any more. The adapter must then stop and free its
 * resources.
 * @throws OutboundCallFailed, also when the time is over, and whatever the question throws.
 */
export async function withinTime<T>(seconds: number, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const attempt = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const failure = new OutboundCallFailed('an external service', `no answer within ${Number(seconds.toFixed(1))} s`);
      attempt.abort(failure);
      // The adapter reacts to the signal with an error that names the service. This general error covers an adapter
      // that does not react.
      timer = setTimeout(() => reject(failure), GRACE);
    }, seconds * 1000);
  });
  try {
    return await Promise.race([question(attempt.signal), late]);
  } finally {
    clearTimeout(timer);
    attempt.abort(OVER);
  }
}
