import { Redis, type RedisOptions } from 'ioredis';
import type { RedisSettings } from '../../config/neighbour-settings.js';

/** Milliseconds before another try to connect, the longest. */
const MOST_PAUSE = 1_000;

/**
 * A client of a Redis, or of the master that its Sentinels name. It connects with the first command and again whenever the
 * connection is lost; a command that finds none fails after one more try. Its `error` events want a listener.
 */
export function connectRedis({ url, sentinels, master, ca }: RedisSettings): Redis {
  const { protocol, username, password, pathname } = new URL(url);
  const options: RedisOptions = {
    lazyConnect: true,
    // Nothing but what we ask for: a user with few permissions may have no others.
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 1,
    // Whether it was done is not known then: the caller decides.
    autoResendUnfulfilledCommands: false,
    connectTimeout: 5_000,
    // One that is given up does not answer: there is nobody to say good-bye to.
    disconnectTimeout: 100,
    retryStrategy: (attempt) => Math.min(attempt * 50, MOST_PAUSE),
    ...(protocol === 'rediss:' ? { tls: ca === null ? {} : { ca } } : {}),
  };
  if (sentinels.length === 0) return new Redis(url, options);
  return new Redis({
    ...options,
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    db: Number(pathname.slice(1)) || 0,
    sentinels: [...sentinels],
    name: master,
    enableTLSForSentinelMode: protocol === 'rediss:',
  });
}
