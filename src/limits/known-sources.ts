import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { SharedRedis } from '../outbound/shared-redis.js';

const DAY = 86_400;
/** Seconds for which the shared store remembers a source; longer than a holiday. */
const MEMORY = 30 * DAY;
/** The most sources that a process remembers by itself, about 100 bytes each. The accounts seen last keep theirs. */
const MOST = 50_000;
/** The most sources of one account. An account that calls from many addresses displaces only its own. */
const MOST_OF_ACCOUNT = 32;

interface Known {
  /** Hashes of the sources, the newest last. */
  readonly sources: readonly string[];
  /** Whether the shared store has them too. Storing them restarts their time there. */
  readonly isSaved: boolean;
}

/**
 * Adds sources to those that the shared store has for an account, the newest last, and returns all of them. A script is
 * atomic, so nothing is lost if several processes add at once. KEYS: the account. ARGV: the most sources to keep, their
 * lifetime in seconds, the sources.
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
 * The source addresses from which an account has logged in before. Limits that strangers exhaust do not lock them out
 * (protocol §8).
 */
export class KnownSources {
  private readonly seen = new LRUCache<string, Known>({
    max: MOST,
    maxSize: MOST,
    sizeCalculation: ({ sources }) => sources.length,
    ttl: DAY * 1000,
  });

  /** @param redis remembers across processes and restarts; null without one. */
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
    // Storing the source once a day keeps it in the shared store, so the calls of an active account cost nothing.
    if (isShared && known?.sources.includes(hash)) return;
    const sources = [...(known?.sources ?? []).filter((other) => other !== hash), hash].slice(-MOST_OF_ACCOUNT);
    this.seen.set(key, { sources, isSaved: false });
    const all = await this.redis?.use((redis) => add(redis, key, sources)).catch(() => null);
    if (all) this.seen.set(key, { sources: all, isSaved: true });
  }

  /** The sources that any process has stored for the account. */
  private async shared(key: string): Promise<string[]> {
    const text = await this.redis?.use((redis) => redis.get(key)).catch(() => null);
    return text ? text.split(' ').slice(-MOST_OF_ACCOUNT) : [];
  }
}

/** @returns all sources that the shared store now has for the account. */
async function add(client: Redis, key: string, sources: readonly string[]): Promise<string[]> {
  return String(await client.eval(ADD, 1, key, MOST_OF_ACCOUNT, MEMORY, ...sources)).split(' ');
}

/** Runs the commands that known sources need, on a key of its own that expires within a second. */
export async function probeKnownSources(client: Redis, name: string): Promise<void> {
  const key = keyOf(`probe ${name}`);
  await client.eval(ADD, 1, key, MOST_OF_ACCOUNT, 1, 'probe');
  await client.get(key);
}

function keyOf(account: string): string {
  return `flexisip-api:known-sources:${createHash('sha256').update(account).digest('base64url')}`;
}

/** 96 bits are enough to distinguish the few sources of one account. */
function hashOf(account: string, source: string): string {
  return createHash('sha256').update(`${source} ${account}`).digest('base64url').slice(0, 16);
}
