/**
 * Does the work of a job in batches, until nothing is left or the signal is aborted.
 *
 * @param batch does a part of the work and returns its amount; 0 if there was nothing left.
 * @returns the total amount of work.
 */
export async function inBatches(batch: () => Promise<number>, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await batch();
    total += done;
    if (done === 0 || signal?.aborted) return total;
  }
}
