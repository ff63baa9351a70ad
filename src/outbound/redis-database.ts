import type { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import { isUnknownCommand, redisErrorCode } from './redis-answers.js';
import { namingCluster, redisServer, refuseMode } from './redis-server.js';

/** The database in the URL cannot be used. Without this error, commands would run in database 0. */
export class DatabaseRefused extends Error {
  /**
   * @param variable the setting that names the database.
   * @param reason what is wrong, without a full stop.
   */
  constructor(variable: string, reason: string) {
    super(`${variable}: ${reason}`);
  }
}

/**
 * Selects the database of the URL on a connection. No other command may be sent before: ioredis selects the database by
 * itself, sends further commands without waiting for the answer, and stays in database 0 after a refusal.
 *
 * @param variable the setting that names the database.
 * @throws DatabaseRefused if the server refuses to select it, and RedisUnfit if it is a node of a Redis Cluster or a
 * Sentinel.
 */
export async function selectDatabase(redis: Redis, variable: RedisSettings['variable']): Promise<void> {
  const database = redis.options.db ?? 0;
  // A user of database 0 may lack +select.
  if (database === 0) return;
  try {
    await redis.select(database);
  } catch (error) {
    if (isUnknownCommand(error)) refuseMode(await redisServer(redis), variable);
    throw refusalOf(error, database, variable) ?? namingCluster(error, variable);
  }
}

/**
 * Returns null if the error is not a refusal of this database: no connection, a wrong password, a server that is
 * loading.
 */
function refusalOf(error: unknown, database: number, variable: string): DatabaseRefused | null {
  const code = redisErrorCode(error);
  if (code === 'NOPERM')
    return new DatabaseRefused(variable, `database ${database} cannot be selected: the user lacks the right +select`);
  if (code === 'ERR' && !isUnknownCommand(error))
    return new DatabaseRefused(variable, `database ${database} does not exist there`);
  return null;
}
