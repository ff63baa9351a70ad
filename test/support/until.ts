/** The default time limit in seconds: longer than most waits, shorter than the time limit of a test. */
const SECONDS = 20;

/** Milliseconds between two checks. */
const PAUSE = 5;

/**
 * Milliseconds between two reads of InnoDB's transactions and locks. The server refreshes
 * `information_schema.innodb_trx` only if nobody has read it for a tenth of a second. With more frequent reads it shows
 * the first result forever.
 */
const INNODB_PAUSE = 150;

type Condition = () => boolean | Promise<boolean>;

/** Checks repeatedly until a condition holds that no event reports. */
export async function until(holds: Condition, { seconds = SECONDS, pause = PAUSE } = {}): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`did not come true within ${seconds} s: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** The same for conditions on `information_schema.innodb_trx`. */
export const untilInnodb = (holds: Condition, { seconds = SECONDS } = {}): Promise<void> =>
  until(holds, { seconds, pause: INNODB_PAUSE });
