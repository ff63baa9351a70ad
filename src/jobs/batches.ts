/**
 * Does the work of a job a batch at a time, until there is nothing left, or until the signal.
 *
 * @param batch does some of the work and gives how much that was; 0 where there was nothing.
 * @returns how much was done in all.
 */
export async function inBatches(batch: () => Promise<number>, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await batch();
    total += done;
    if (done === 0 || signal?.aborted) return total;
  }
}
