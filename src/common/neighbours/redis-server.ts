import type { Redis } from 'ioredis';
import { isOfCluster } from './redis-answers.js';

/** What a Redis says of itself; null for what its user may not see. */
export interface RedisServer {
  readonly isCluster: boolean | null;
  /** `maxmemory-policy`. */
  readonly evictionPolicy: string | null;
}

/** What makes a Redis unfit for what it is to keep. */
export class RedisUnfit extends Error {
  /** @param variable what is to be changed. */
  constructor(variable: string, reason: string) {
    super(`${variable}: ${reason}`);
  }
}

/** Looks at the server itself. INFO needs the right `+info`; managed services may have it, and not CONFIG. */
export async function redisServer(redis: Redis): Promise<RedisServer> {
  const info = await redis.info().catch(unlessLost);
  const fact = (name: string) => new RegExp(`^${name}:(\\S*)`, 'm').exec(info ?? '')?.[1] ?? null;
  const cluster = fact('cluster_enabled');
  return {
    isCluster: cluster === null ? null : cluster === '1',
    evictionPolicy: fact('maxmemory_policy') ?? (await configuredPolicy(redis)),
  };
}

async function configuredPolicy(redis: Redis): Promise<string | null> {
  const answer = await redis.config('GET', 'maxmemory-policy').catch(unlessLost);
  return Array.isArray(answer) ? ((answer as string[])[1] ?? null) : null;
}

/** What the server refuses to tell is not known; without an answer, nothing is. */
function unlessLost(error: unknown): null {
  if (error instanceof Error && error.name === 'ReplyError') return null;
  throw error;
}

/**
 * Refuses a node of a Redis Cluster: keys that belong together are on different nodes there.
 *
 * @param variable what leads to it.
 */
export function refuseCluster({ isCluster }: RedisServer, variable: string): void {
  if (isCluster) throw clusterUnfit(variable);
}

/** Refuses a Redis that discards keys to make room: a nonce that was used would be good again. */
export function refuseEviction({ evictionPolicy }: RedisServer): void {
  if (evictionPolicy === null || evictionPolicy === 'noeviction') return;
  throw new RedisUnfit(
    'NONCE_STORE',
    `must not be "redis" while the maxmemory-policy of that Redis is ${evictionPolicy}: it would discard which nonces were used, and a ` +
      'captured call could be replayed. Set maxmemory-policy noeviction there, or NONCE_STORE=database',
  );
}

/** The same refusal where an answer shows it, for want of INFO; any other error as it is. */
export function namingCluster(error: unknown, variable: string): unknown {
  return isOfCluster(error) ? clusterUnfit(variable) : error;
}

function clusterUnfit(variable: string): RedisUnfit {
  const remedy = 'name a Redis of its own, or Sentinels that watch one';
  return new RedisUnfit(variable, `leads to a node of a Redis Cluster, which is not supported: ${remedy}`);
}
