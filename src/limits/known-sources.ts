import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { SharedRedis } from '../outbound/shared-redis.js';

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
  /** Whether the shared store has them, where their time began anew with that. */
  readonly isSaved: boolean;
}

/**
 * Adds sources to those that the shared store has of an account, the newest last, and answers with all of them. A script, so that nothing
 * is lost where several processes add at once. KEYS: the account. ARGV: how many sources may be kept, for how many seconds, the sources.
 */
const ADD = `
  local added, kept = {}, {}
  for index = 3, #ARGV do added[ARGV[index]] = true end
  for source in string.gmatch(redis.call('GET', KEYS[1]) or '', '%S+') do
    if not added[source] then kept[#kept + 1] = source end
  end
  for index = 3, #ARGV do kept[#kept + 1] = ARGV[index] end
  while #kept > tonumber(ARGV[1]) do table.remove(kept, 1) end
  local text = table.concat(kept, ' ')
  redis.call('SET', KEYS[1], text, 'EX', ARGV[2])
  return text`;

/**
 * The source addresses from which an account has been proven before. No limit that strangers use up keeps them out
 * (protocol §8).
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
    const isShared = this.redis === null || known?.isSaved === true;
    // Once a day is enough to keep it there: the calls of an account that is in use cost nothing.
    if (isShared && known?.sources.includes(hash)) return;
    const sources = [...(known?.sources ?? []).filter((other) => other !== hash), hash].slice(-MOST_OF_ACCOUNT);
    this.seen.set(key, { sources, isSaved: false });
    const all = await this.redis?.use((redis) => add(redis, key, sources)).catch(() => null);
    if (all) this.seen.set(key, { sources: all, isSaved: true });
  }

  /** What any process has remembered. */
  private async shared(key: string): Promise<string[]> {
    const text = await this.redis?.use((redis) => redis.get(key)).catch(() => null);
    return text ? text.split(' ').slice(-MOST_OF_ACCOUNT) : [];
  }
}

/** @returns all sources that the shared store has of the account now. */
async function add(client: Redis, key: string, sources: readonly string[]): Promise<string[]> {
  return String(await client.eval(ADD, 1, key, MOST_OF_ACCOUNT, MEMORY, ...sources)).split(' ');
}

/** Gives the commands that known sources need, on a key of its own that ends within a second. */
export async function probeKnownSources(client: Redis, name: string): Promise<void> {
  const key = keyOf(`probe ${name}`);
  await client.eval(ADD, 1, key, MOST_OF_ACCOUNT, 1, 'probe');
  await client.get(key);
}

function keyOf(account: string): string {
  return `flexisip-api:known-sources:${createHash('sha256').update(account).digest('base64url')}`;
}

/** 96 bits: enough to tell a few sources of one account apart. */
function hashOf(account: string, source: string): string {
  return createHash('sha256').update(`${source} ${account}`).digest('base64url').slice(0, 16);
}
