import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { SharedRedis } from '../common/neighbours/shared-redis.js';

const DAY = 86_400;
/** Seconds for which the shared store remembers; long enough for a holiday. */
const MEMORY = 30 * DAY;
/** Sources that a process remembers by itself, some 100 bytes each; those of the accounts seen last stay. */
const MOST = 50_000;
/** Sources of one account: one that calls from ever new addresses displaces its own alone. */
const MOST_OF_ACCOUNT = 32;

interface Known {
  /** Hashes, the newest last. */
  readonly sources: readonly string[];
  /** Whether this process has written them to the shared store, where their time began anew with that. */
  readonly isSaved: boolean;
}

/**
 * The source addresses from which an account has been proven before. No limit that strangers use up keeps them out
 * (contract §8).
 */
export class KnownSources {
  private readonly seen = new LRUCache<string, Known>({
    max: MOST,
    maxSize: MOST,
    sizeCalculation: ({ sources }) => sources.length,
    ttl: DAY * 1000,
  });

  /** @param redis remembers across processes and restarts, if there is one. */
  constructor(private readonly redis: SharedRedis | null) {}

  async knows(account: string, source: string): Promise<boolean> {
    const key = keyOf(account);
    const hash = hashOf(account, source);
    const known = this.seen.get(key)?.sources ?? [];
    if (known.includes(hash)) return true;
    const shared = await this.shared(key);
    if (!shared.includes(hash)) return false;
    this.seen.set(key, { sources: [...new Set([...known, ...shared])].slice(-MOST_OF_ACCOUNT), isSaved: false });
    return true;
  }

  async remember(account: string, source: string): Promise<void> {
    const key = keyOf(account);
    const hash = hashOf(account, source);
    const known = this.seen.get(key);
    // Once a day is enough to keep it there: the calls of an account that is in use cost nothing.
    if (known?.isSaved && known.sources.includes(hash)) return;
    const others = (known?.sources ?? []).filter((other) => other !== hash);
    const sources = [...others, hash].slice(-MOST_OF_ACCOUNT);
    this.seen.set(key, { sources, isSaved: true });
    await this.redis?.use((redis) => redis.set(key, sources.join(' '), 'EX', MEMORY)).catch(() => undefined);
  }

  /** What any process has remembered. Two that write at once may lose a source of each other, which then proves itself once more. */
  private async shared(key: string): Promise<string[]> {
    const text = await this.redis?.use((redis) => redis.get(key)).catch(() => null);
    return text ? text.split(' ').slice(-MOST_OF_ACCOUNT) : [];
  }
}

/** Gives the commands that known sources need, on a key of its own that ends within a second. */
export async function probeKnownSources(client: Redis, name: string): Promise<void> {
  const key = keyOf(`probe ${name}`);
  await client.set(key, '1', 'EX', 1);
  await client.get(key);
}

function keyOf(account: string): string {
  return `flexisip-api:known-sources:${createHash('sha256').update(account).digest('base64url')}`;
}

/** 96 bits: enough to tell a few sources of one account apart. */
function hashOf(account: string, source: string): string {
  return createHash('sha256').update(`${source} ${account}`).digest('base64url').slice(0, 16);
}
