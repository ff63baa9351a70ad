import type { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';

/** The messages of ioredis when a Sentinel answers that it watches no such Redis. */
const NO_SUCH_MASTER = /but got an invalid reply|because ERR No such master/;
/** The messages of ioredis when a Sentinel refuses a missing or wrong password, or a user with too few rights. */
const REFUSED = /because (NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/;

/**
 * Listens to the answers of the Sentinels of a connection. ioredis itself reports only that none was reached.
 *
 * @returns a function that returns the setting to correct, once an answer has shown it; null before.
 */
export function listenToSentinels(redis: Redis, { variable, master }: RedisSettings): () => string | null {
  let reason: string | null = null;
  redis.on('sentinelError', ({ message }: Error) => {
    if (NO_SUCH_MASTER.test(message))
      reason = `${variable.replace('URL', 'MASTER')}: the Sentinels know no "${master}"`;
    else if (REFUSED.test(message))
      reason = `REDIS_SENTINEL_PASSWORD: a Sentinel refuses it (${REFUSED.exec(message)?.[1]})`;
  });
  redis.on('connect', () => (reason = null));
  return () => reason;
}
