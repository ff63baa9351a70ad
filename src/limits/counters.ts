import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import type { SharedRedis } from '../outbound/shared-redis.js';
import { type LimitName, limitNames, LIMITS } from '../config/groups/limits.js';
import { BoundedCounts, type Count, MOST_KEYS } from './bounded-counts.js';
import { probeKnownSources } from './known-sources.js';
import { LimitsUnavailable } from './limits.errors.js';

const NOTHING: Count = { used: 0, msLeft: 0 };

/** Counts for each limit and key. */
export abstract class Counters {
  /**
   * Adds to a count, or subtracts with a negative number.
   *
   * @returns the new count.
   */
  abstract add(limit: LimitName, key: string, times: number): Promise<Count>;
  abstract read(limit: LimitName, key: string): Promise<Count>;
  /** Resets a count to 0. */
  abstract clear(limit: LimitName, key: string): Promise<void>;
}

const forEachLimit = <T>(create: (name: LimitName) => T) =>
  Object.fromEntries(limitNames.map((name) => [name, create(name)])) as Readonly<Record<LimitName, T>>;

function countOf(result: RateLimiterRes | null): Count {
  // An ended window may still be stored for a moment.
  if (result === null || result.msBeforeNext <= 0) return NOTHING;
  return { used: result.consumedPoints, msLeft: result.msBeforeNext };
}

/** Counts in the memory of this process. */
export class LocalCounters extends Counters {
  private readonly logger = new Logger('Limits');
  private readonly counts = forEachLimit((name) => new BoundedCounts(LIMITS[name].seconds, () => this.warn(name)));

  async add(limit: LimitName, key: string, times: number): Promise<Count> {
    return this.counts[limit].add(key, times);
  }

  async read(limit: LimitName, key: string): Promise<Count> {
    return this.counts[limit].read(key);
  }

  async clear(limit: LimitName, key: string): Promise<void> {
    this.counts[limit].clear(key);
  }

  private warn(limit: LimitName): void {
    const { variable } = LIMITS[limit];
    this.logger.warn(
      `${variable}: more than ${MOST_KEYS} sources, accounts or targets at once; the ones with the lowest counts share counts from now on`,
    );
  }
}

const createLimiter = (client: Redis, keyPrefix: string, duration: number) =>
  new RateLimiterRedis({
    storeClient: client,
    keyPrefix,
    // The library only counts; `Limits` decides what is allowed.
    points: 0,
    duration,
    // Without a connection the command fails at once and is not queued.
    rejectIfRedisNotReady: true,
  });

/**
 * Runs every command that limits and known sources need, on keys that no caller uses.
 *
 * @throws if a command is not allowed, or if nothing can be written.
 */
export async function probeLimits(client: Redis): Promise<void> {
  const limiter = createLimiter(client, 'flexisip-api:limit:probe', 1);
  const key = randomUUID();
  await limiter.penalty(key, 1);
  await limiter.get(key);
  await limiter.delete(key);
  await probeKnownSources(client, key);
}

/**
 * Counts in a Redis that several processes share. Without a connection each limit decides for itself (`withoutStore`).
 */
export class SharedCounters extends Counters {
  private readonly local = new LocalCounters();
  private readonly limiters: Readonly<Record<LimitName, RateLimiterRedis>>;

  constructor(private readonly redis: SharedRedis) {
    super();
    redis.needs(probeLimits);
    this.limiters = forEachLimit((name) =>
      createLimiter(redis.client, `flexisip-api:limit:${name}`, LIMITS[name].seconds),
    );
  }

  add(limit: LimitName, key: string, times: number): Promise<Count> {
    return this.ask(
      limit,
      async () => countOf(await this.limiters[limit].penalty(key, times)),
      () => this.local.add(limit, key, times),
    );
  }

  read(limit: LimitName, key: string): Promise<Count> {
    return this.ask(
      limit,
      async () => countOf(await this.limiters[limit].get(key)),
      () => this.local.read(limit, key),
    );
  }

  clear(limit: LimitName, key: string): Promise<void> {
    return this.ask(
      limit,
      async () => void (await this.limiters[limit].delete(key)),
      () => this.local.clear(limit, key),
    );
  }

  private async ask<T>(limit: LimitName, shared: () => Promise<T>, local: () => Promise<T>): Promise<T> {
    try {
      return await this.redis.use(shared);
    } catch {
      // The shared Redis has logged why.
      if (LIMITS[limit].withoutStore === 'closed') throw new LimitsUnavailable();
      return local();
    }
  }
}
