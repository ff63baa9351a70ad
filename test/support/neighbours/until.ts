/** Longer than anything is waited for, shorter than a test may take. */
const MOST = 20_000;

/** Looks again and again until something holds that no event tells of. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + MOST;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`did not come true within ${MOST / 1000} s: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
