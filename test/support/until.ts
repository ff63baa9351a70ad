/** Longer than most things are waited for, shorter than a test may take. */
const SECONDS = 20;

/** Milliseconds between two looks. */
const PAUSE = 5;

/**
 * Milliseconds between two looks at the transactions and locks of InnoDB. The server refreshes `information_schema.innodb_trx` only if nobody
 * has read it for a tenth of a second: to who asks more often it shows the first answer for ever.
 */
const INNODB_PAUSE = 150;

type Condition = () => boolean | Promise<boolean>;

/** Looks again and again until something holds that no event tells of. */
export async function until(holds: Condition, { seconds = SECONDS, pause = PAUSE } = {}): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`did not come true within ${seconds} s: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** The same for what `information_schema.innodb_trx` shows. */
export const untilInnodb = (holds: Condition, { seconds = SECONDS } = {}): Promise<void> => until(holds, { seconds, pause: INNODB_PAUSE });
