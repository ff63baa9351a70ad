import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../common/clock.js';
import type { SharedRedis } from '../../outbound/shared-redis.js';
import { NoncesUnavailable } from '../auth.errors.js';
import { NonceStore, type NonceUse, WINDOW } from './nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

const ERA = 'flexisip-api:nonce-era';
const PREFIX = 'flexisip-api:nonce:';

/** Milliseconds by which the clocks of processes that share a Redis may differ when it loses its memory. */
const MARGIN = 1_000;

/**
 * One step, whatever else asks at the same moment. A nonce is a hash: `nc` is the highest count seen, and each count of the window
 * that was used is a field. The era is when the memory of this Redis began; one that has lost its memory begins a new one.
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

/** Milliseconds for which a key stays that only shows what can be written. */
const PROBE_MEMORY = 1_000;

/** Defines the command, which a connection of its own needs too. */
function withSpend(client: Redis): WithSpend {
  if (!('spendNonce' in client)) client.defineCommand('spendNonce', { numberOfKeys: 2, lua: SPEND });
  return client as WithSpend;
}

/**
 * Uses a nonce that nobody has, twice: the second count is so far above the first that every command of the script runs.
 *
 * @throws if one of them is not allowed, or nothing can be written.
 */
export async function probeNonces(client: Redis): Promise<void> {
  const key = `${PREFIX}probe:${randomUUID()}`;
  const now = Date.now();
  for (const count of [1, WINDOW + 2]) {
    await withSpend(client).spendNonce(ERA, key, now, Number.MAX_SAFE_INTEGER, count, PROBE_MEMORY);
  }
}

/** Remembers in the Redis that all processes share (REDIS_URL): NONCE_STORE=redis. It must throw nothing away to make room. */
export class RedisNonceStore extends NonceStore {
  private readonly memory: number;

  /** @param lifetime seconds for which a nonce is good. */
  constructor(
    private readonly redis: SharedRedis,
    lifetime: number,
    clock: Clock,
  ) {
    super();
    this.memory = lifetime * 1000 + 2 * CLOCK_SKEW;
    redis.needs(probeNonces);
    // Where it has no era yet, one begins now and not with the first use, whose nonce would be too old for it. Not by `use`, which
    // may still hold a Redis that has just come back for ill. What fails here is made good by the first use.
    redis.onConnection((client) => client.set(ERA, clock.now().getTime() + MARGIN, 'NX'));
  }

  async spend({ nonce, madeAt, count }: NonceUse, now: Date): Promise<boolean> {
    const key = PREFIX + nonce;
    try {
      return await this.redis.use(async (client) => {
        return (await withSpend(client).spendNonce(ERA, key, now.getTime(), madeAt, count, this.memory)) === 1;
      });
    } catch {
      // The shared Redis has logged why.
      throw new NoncesUnavailable();
    }
  }
}
