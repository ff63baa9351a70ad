import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { SharedRedis } from '../common/neighbours/shared-redis.js';

const DAY = 86_400;
/** Seconds for which the shared store remembers; long enough for a holiday. */
const MEMORY = 30 * DAY;
/** Pairs a process remembers by itself, about 200 bytes each; the ones seen last stay. */
const MOST = 50_000;

/**
 * The source addresses from which an account has been proven before. No limit that strangers use up keeps them out
 * (contract §8).
 */
export class KnownSources {
  private readonly seen = new LRUCache<string, true>({ max: MOST, ttl: DAY * 1000 });

  /** @param redis remembers across processes and restarts, if there is one. */
  constructor(private readonly redis: SharedRedis | null) {}

  async knows(account: string, source: string): Promise<boolean> {
    const key = keyOf(account, source);
    if (this.seen.has(key)) return true;
    const isShared = (await this.redis?.use((redis) => redis.exists(key)).catch(() => 0)) === 1;
    if (isShared) this.seen.set(key, true);
    return isShared;
  }

  async remember(account: string, source: string): Promise<void> {
    const key = keyOf(account, source);
    // Once a day is enough to keep it there: the calls of an account that is in use cost nothing.
    if (this.seen.has(key)) return;
    this.seen.set(key, true);
    await this.redis?.use((redis) => redis.set(key, '1', 'EX', MEMORY)).catch(() => undefined);
  }
}

/** Remembers what nobody has proven, for a second. */
export async function probeKnownSources(client: Redis, name: string): Promise<void> {
  const key = keyOf(`probe ${name}`, '');
  await client.set(key, '1', 'EX', 1);
  await client.exists(key);
}

function keyOf(account: string, source: string): string {
  const hash = createHash('sha256').update(`${source} ${account}`).digest('base64url');
  return `flexisip-api:known:${hash}`;
}
