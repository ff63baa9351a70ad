import type { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';

/** What ioredis says where a Sentinel answered that it watches no such Redis. */
const NO_SUCH_MASTER = /but got an invalid reply|because ERR No such master/;
/** What a Sentinel answers to a password that is missing or wrong, or to a user with too few rights. */
const REFUSED = /because (NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/;

/**
 * Listens to what the Sentinels of a connection answer. ioredis itself only says in the end that none was reached.
 *
 * @returns what to mend in the settings, as far as an answer has shown that; null otherwise.
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
