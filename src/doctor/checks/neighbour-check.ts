import type { Redis } from 'ioredis';
import { NeighbourFailed } from '../../outbound/neighbour-failed.js';
import { RedisNeighbour } from '../../outbound/redis.js';
import { withinTime } from '../../outbound/within-time.js';
import type { RedisSettings } from '../../config/neighbour-settings.js';
import type { Settings } from '../../config/settings.js';
import { error, ok, type Verdict, warning } from '../finding.js';

/** Asks a neighbour, NEIGHBOUR_TIMEOUT at most. */
export async function askNeighbour(
  settings: Settings,
  question: (signal: AbortSignal) => Promise<string>,
  advice: string,
): Promise<Verdict> {
  try {
    return ok(await withinTime(settings.neighbourTimeout, question));
  } catch (reason) {
    if (reason instanceof NeighbourFailed) return error(reason.message, advice);
    throw reason;
  }
}

/**
 * Tries a Redis out, NEIGHBOUR_TIMEOUT at most.
 *
 * @param tryOut gives it commands on keys of our own, and leaves none.
 */
export async function askRedis(
  settings: Settings,
  name: string,
  redis: RedisSettings,
  tryOut: (client: Redis) => Promise<Verdict[]>,
  advice: string,
): Promise<Verdict[]> {
  const neighbour = new RedisNeighbour(name, redis);
  try {
    return await withinTime(settings.neighbourTimeout, (signal) => neighbour.ask(tryOut, signal));
  } catch (reason) {
    if (reason instanceof NeighbourFailed) return [error(reason.message, advice)];
    throw reason;
  } finally {
    neighbour.close();
  }
}

/** What to say of messages that are printed: on an embedded database that is how one begins. */
export function onlyPrinted({ database }: Settings, what: string, variable: string): Verdict {
  const message = `${what} are only printed on the console`;
  return database.driver === 'sqlite' ? ok(message) : warning(message, `Set ${variable} before people use the service.`);
}
