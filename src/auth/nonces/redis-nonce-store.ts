import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../common/clock.js';
import type { SharedRedis } from '../../outbound/shared-redis.js';
import { NoncesUnavailable } from '../auth.errors.js';
import { NonceStore, type NonceUse, WINDOW } from './nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

const ERA = 'flexisip-api:nonce-era';
const PREFIX = 'flexisip-api:nonce:';

/** The maximum clock difference, in milliseconds, of processes that share a Redis when it loses its memory. */
const MARGIN = 1_000;

/**
 * Redis runs the script atomically. A nonce is a hash: `nc` is the highest count seen, and each used count of the
 * window is a field. The era is the moment when the memory of this Redis began. A Redis that has lost its memory begins
 * a new era.
 */
const SPEND = `
local era = redis.call('GET', KEYS[1])
if not era then
  era = ARGV[1] + ${MARGIN}
  redis.call('SET', KEYS[1], string.format('%.0f', era))
end
if tonumber(ARGV[2]) <= tonumber(era) then return 0 end
local nc = tonumber(redis.call('HGET', KEYS[2], 'nc') or '0')
local count = tonumber(ARGV[3])
if count + ${WINDOW} <= nc or redis.call('HSETNX', KEYS[2], ARGV[3], '') == 0 then return 0 end
if count > nc then
  redis.call('HSET', KEYS[2], 'nc', ARGV[3])
  for old = math.max(nc - ${WINDOW - 1}, 1), math.min(nc, count - ${WINDOW}) do
    redis.call('HDEL', KEYS[2], string.format('%.0f', old))
  end
end
if nc == 0 then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return 1`;

type WithSpend = Redis & {
  spendNonce(
    ...args: [era: string, key: string, now: number, madeAt: number, count: number, memory: number]
  ): Promise<number>;
};

/** The lifetime of a key that only tests writing, in milliseconds. */
const PROBE_MEMORY = 1_000;

/** Defines the command on a connection. Each connection needs its own definition. */
function withSpend(client: Redis): WithSpend {
  if (!('spendNonce' in client)) client.defineCommand('spendNonce', { numberOfKeys: 2, lua: SPEND });
  return client as WithSpend;
}

/**
 * Uses a random test nonce twice. The second count is so far above the first that every command of the script runs.
 *
 * @throws if a command is not allowed, or writing fails.
 */
export async function probeNonces(client: Redis): Promise<void> {
  const key = `${PREFIX}probe:${randomUUID()}`;
  const now = Date.now();
  for (const count of [1, WINDOW + 2]) {
    await withSpend(client).spendNonce(ERA, key, now, Number.MAX_SAFE_INTEGER, count, PROBE_MEMORY);
  }
}

/**
 * Stores used nonces in the Redis that all processes share (REDIS_URL): NONCE_STORE=redis. This Redis must not evict
 * keys to free memory.
 */
export class RedisNonceStore extends NonceStore {
  private readonly memory: number;

  /** @param lifetime the lifetime of a nonce, in seconds. */
  constructor(
    private readonly redis: SharedRedis,
    lifetime: number,
    clock: Clock,
  ) {
    super();
    this.memory = lifetime * 1000 + 2 * CLOCK_SKEW;
    redis.needs(probeNonces);
    // A Redis without an era gets one at connection time. If the first use began the era, the nonce of that use would
    // be too old. This does not call `use`, which may still treat a Redis that has just come back as unavailable. If
    // setting the era fails here, the first use sets it.
    redis.onConnection((client) => client.set(ERA, clock.now().getTime() + MARGIN, 'NX'));
  }

  async spend({ nonce, madeAt, count }: NonceUse, now: Date): Promise<boolean> {
    const key = PREFIX + nonce;
    try {
      return await this.redis.use(async (client) => {
        return (await withSpend(client).spendNonce(ERA, key, now.getTime(), madeAt, count, this.memory)) === 1;
      });
    } catch {
      // The shared Redis has logged the reason.
      throw new NoncesUnavailable();
    }
  }
}
