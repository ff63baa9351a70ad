import type { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import { OutboundCallFailed } from './outbound-call-failed.js';
import { isOfCluster, isUnknownCommand, redisErrorCode } from './redis-answers.js';

type RedisVariable = RedisSettings['variable'];

/** What a Redis says of itself; null for what its user may not see. */
export interface RedisServer {
  /** Whether the user may give INFO. */
  readonly showsInfo: boolean;
  /** `redis_mode`: standalone, sentinel or cluster. */
  readonly mode: string | null;
  readonly isCluster: boolean | null;
  /** `maxmemory-policy`. */
  readonly evictionPolicy: string | null;
}

/** A Redis is unfit for what it is to keep: constructed with the variable that is to be changed, and the reason. */
export class RedisUnfit extends OutboundCallFailed {}

/** Looks at the server itself. INFO needs the right `+info`; managed services may have it, and not CONFIG. */
export async function redisServer(redis: Redis): Promise<RedisServer> {
  const info = await redis.info().catch(unlessDenied);
  const fact = (name: string) => new RegExp(`^${name}:(\\S*)`, 'm').exec(info ?? '')?.[1] ?? null;
  const cluster = fact('cluster_enabled');
  return {
    showsInfo: info !== null,
    mode: fact('redis_mode'),
    isCluster: cluster === null ? null : cluster === '1',
    evictionPolicy: fact('maxmemory_policy') ?? (await configuredPolicy(redis)),
  };
}

async function configuredPolicy(redis: Redis): Promise<string | null> {
  const answer = await redis.config('GET', 'maxmemory-policy').catch(unlessDenied);
  return Array.isArray(answer) ? ((answer as string[])[1] ?? null) : null;
}

/** What the user may not see, or what a provider has taken away, is not known. Any other refusal says nothing of the user's rights. */
function unlessDenied(error: unknown): null {
  if (redisErrorCode(error) === 'NOPERM' || isUnknownCommand(error)) return null;
  throw error;
}

/**
 * Refuses a node of a Redis Cluster, where keys that belong together are on different nodes, and a Sentinel, which holds no keys.
 *
 * @param variable what leads to it.
 */
export function refuseMode({ isCluster, mode }: RedisServer, variable: RedisVariable): void {
  if (isCluster) throw clusterUnfit(variable);
  if (mode !== 'sentinel') return;
  throw new RedisUnfit(variable, `leads to a Sentinel: put its address into ${variable.replace('URL', 'SENTINELS')}`);
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

/** Refuses a node of a Redis Cluster as {@link refuseMode} does, where an answer shows it: a user may lack INFO. Returns any other error. */
export function namingCluster(error: unknown, variable: RedisVariable): unknown {
  return isOfCluster(error) ? clusterUnfit(variable) : error;
}

function clusterUnfit(variable: RedisVariable): RedisUnfit {
  const remedy = 'name a Redis of its own, or Sentinels that watch one';
  return new RedisUnfit(variable, `leads to a node of a Redis Cluster, which is not supported: ${remedy}`);
}
