import { NeighbourFailed } from './neighbour-failed.js';

/** Milliseconds for which an adapter may take to end what it was doing. */
export const GRACE = 1_000;

/** Why nobody waits any more where the answer is there. Made once: without a reason, each signal makes an error with its stack. */
const OVER = new Error('the call is over');

/**
 * Waits for a neighbour, so long at most.
 *
 * @param question gets a signal that is aborted when nobody waits any more; an adapter must heed it and free what it holds.
 * @throws NeighbourFailed, when the time is over too, and whatever the question throws.
 */
export async function withinTime<T>(seconds: number, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const attempt = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const failure = new NeighbourFailed('a neighbour', `no answer within ${Number(seconds.toFixed(1))} s`);
      attempt.abort(failure);
      // The adapter knows whom it waits for, and has things to end: what it says then is heard before these general words.
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
