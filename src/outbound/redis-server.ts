import type { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import { OutboundCallFailed } from './outbound-call-failed.js';
import { isOfCluster, isUnknownCommand, redisErrorCode } from './redis-answers.js';

type RedisVariable = RedisSettings['variable'];

/** What a Redis reports about itself. A member is null if the user may not read it. */
export interface RedisServer {
  /** Whether the user may run INFO. */
  readonly showsInfo: boolean;
  /** `redis_mode`: standalone, sentinel or cluster. */
  readonly mode: string | null;
  readonly isCluster: boolean | null;
  /** `maxmemory-policy`. */
  readonly evictionPolicy: string | null;
}

/** The Redis is unfit for its purpose. Constructed with the setting to change and the reason. */
export class RedisUnfit extends OutboundCallFailed {}

/** Reads the properties of the server. INFO needs the right `+info`; managed services may allow INFO but not CONFIG. */
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

/**
 * Returns null if the user may not run the command or the provider has disabled it. Any other refusal says nothing
 * about the user's rights.
 */
function unlessDenied(error: unknown): null {
  if (redisErrorCode(error) === 'NOPERM' || isUnknownCommand(error)) return null;
  throw error;
}

/**
 * Rejects a Redis Cluster node, where keys that belong together are on different nodes, and a Sentinel, which holds no
 * keys.
 *
 * @param variable the setting with the address of the server.
 */
export function refuseMode({ isCluster, mode }: RedisServer, variable: RedisVariable): void {
  if (isCluster) throw clusterUnfit(variable);
  if (mode !== 'sentinel') return;
  throw new RedisUnfit(variable, `leads to a Sentinel: put its address into ${variable.replace('URL', 'SENTINELS')}`);
}

/** Rejects a Redis that evicts keys to free memory: a used nonce would become valid again. */
export function refuseEviction({ evictionPolicy }: RedisServer): void {
  if (evictionPolicy === null || evictionPolicy === 'noeviction') return;
  throw new RedisUnfit(
    'NONCE_STORE',
    `must not be "redis" while the maxmemory-policy of that Redis is ${evictionPolicy}: it would discard which nonces were used, and a ` +
      'captured call could be replayed. Set maxmemory-policy noeviction there, or NONCE_STORE=database',
  );
}

/**
 * Turns the answer of a Redis Cluster node into the error of {@link refuseMode}, because a user may lack INFO. Returns
 * any other error unchanged.
 */
export function namingCluster(error: unknown, variable: RedisVariable): unknown {
  return isOfCluster(error) ? clusterUnfit(variable) : error;
}

function clusterUnfit(variable: RedisVariable): RedisUnfit {
  const remedy = 'name a Redis of its own, or Sentinels that watch one';
  return new RedisUnfit(variable, `leads to a node of a Redis Cluster, which is not supported: ${remedy}`);
}
