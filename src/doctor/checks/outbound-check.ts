import type { Redis } from 'ioredis';
import { OutboundCallFailed } from '../../outbound/outbound-call-failed.js';
import { RedisConnection } from '../../outbound/redis.js';
import { withinTime } from '../../outbound/within-time.js';
import type { RedisSettings } from '../../config/outbound-settings.js';
import type { Settings } from '../../config/settings.js';
import { error, ok, type Verdict, warning } from '../finding.js';

/** Sends a question to an external service. Waits at most NEIGHBOUR_TIMEOUT. */
export async function askExternalService(
  settings: Settings,
  question: (signal: AbortSignal) => Promise<string>,
  advice: string,
): Promise<Verdict> {
  try {
    return ok(await withinTime(settings.outboundTimeout, question));
  } catch (reason) {
    if (reason instanceof OutboundCallFailed) return error(reason.message, advice);
    throw reason;
  }
}

/**
 * Tries a Redis server. Waits at most NEIGHBOUR_TIMEOUT.
 *
 * @param tryOut runs commands on keys of its own and leaves none of them.
 */
export async function askRedis(
  settings: Settings,
  name: string,
  redis: RedisSettings,
  tryOut: (client: Redis) => Promise<Verdict[]>,
  advice: string,
): Promise<Verdict[]> {
  const connection = new RedisConnection(name, redis);
  try {
    return await withinTime(settings.outboundTimeout, (signal) => connection.ask(tryOut, signal));
  } catch (reason) {
    if (reason instanceof OutboundCallFailed) return [error(reason.message, advice)];
    throw reason;
  } finally {
    connection.close();
  }
}

/**
 * The verdict on messages that are only printed. It is `ok` on an embedded database, with which an installation begins,
 * and a warning elsewhere.
 */
export function onlyPrinted({ database }: Settings, what: string, variable: string): Verdict {
  const message = `${what} are printed on the console and not sent`;
  return database.driver === 'sqlite'
    ? ok(message)
    : warning(message, `Set ${variable} before users depend on the service.`);
}
