import { NeighbourFailed } from './neighbour-failed.js';

/**
 * Waits for work with a neighbour until the signal is aborted; where that has happened already, the work is not begun.
 *
 * @param giveUp ends what the work holds open.
 * @throws NeighbourFailed if it was not done in time, and whatever the work throws.
 */
export function untilAborted<T>(signal: AbortSignal, neighbour: string, giveUp: () => void, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => {
      reject(new NeighbourFailed(neighbour, 'did not answer in time'));
      giveUp();
    };
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late));
  });
}
