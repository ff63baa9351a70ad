import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../../config/neighbour-settings.js';
import type { Settings } from '../../config/settings.js';
import { NeighbourFailed, reasonOf } from './neighbour-failed.js';
import { redisOptions, sentinelOptions } from './redis.js';

/** DI token of what REDIS_URL names; null where nothing is shared. */
export const SHARED_REDIS = Symbol('shared Redis');

const NAME = 'the shared Redis';
/** Milliseconds for which a request waits for an answer: a Redis that is well needs less than one. */
const PATIENCE = 500;
/** Milliseconds for which the start waits for a connection. */
const PATIENCE_AT_START = 2_000;
/** Milliseconds between two looks at a Redis that is not well. */
const PAUSE = 1_000;

/** What is the matter while the shared Redis does not answer, in words; null where nothing is kept there. */
export function harmWithoutRedis({ hasLimits, nonceStore }: Pick<Settings, 'hasLimits' | 'nonceStore'>): string | null {
  const harm = [
    ...(hasLimits ? ['some calls are refused and limits hold within each process'] : []),
    ...(nonceStore === 'redis' ? ['calls by Digest are refused'] : []),
  ];
  return harm.length > 0 ? harm.join(', and ') : null;
}

/**
 * The Redis that the processes of one service share (REDIS_URL). It stands in the way of every request, so nobody waits for
 * one that is not well: after a command that failed all others fail at once, until it answers again.
 */
export class SharedRedis implements OnModuleInit, OnApplicationShutdown {
  /** For libraries that want a client; what they do with it must go through {@link use}. */
  readonly client: Redis;
  private readonly logger = new Logger(SharedRedis.name);
  private isWell = true;
  private nextLook: NodeJS.Timeout | undefined;

  /** @param harm what is the matter while it does not answer ({@link harmWithoutRedis}), for the log. */
  constructor(
    settings: RedisSettings,
    private readonly harm: string,
  ) {
    const options = {
      ...redisOptions(settings),
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: PATIENCE,
      retryStrategy: () => PAUSE,
    };
    this.client =
      settings.sentinels.length === 0
        ? new Redis(settings.url, options)
        : new Redis({ ...options, ...sentinelOptions(settings), sentinelRetryStrategy: () => PAUSE });
    // Each vain attempt to connect is told here; that it is not well is said once, by whoever wanted something.
    this.client.on('error', () => undefined);
  }

  /** Connects before the first request. The service starts without a Redis that is not there yet, or slow to connect. */
  async onModuleInit(): Promise<void> {
    const connected = this.client.connect().catch((error: unknown) => this.leave(error));
    await Promise.race([connected, pause(PATIENCE_AT_START, undefined, { ref: false })]);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.nextLook);
    this.client.disconnect();
  }

  /**
   * Gives a command.
   *
   * @throws NeighbourFailed, within half a second. Whether the command was carried out is then not known.
   */
  async use<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (!this.isWell) throw new NeighbourFailed(NAME, 'is not well');
    try {
      return await command(this.client);
    } catch (error) {
      this.leave(error);
      throw new NeighbourFailed(NAME, reasonOf(error));
    }
  }

  private leave(error: unknown): void {
    if (!this.isWell) return;
    this.isWell = false;
    this.logger.error(`${NAME}: ${reasonOf(error)}; until it answers again, ${this.harm}`);
    this.lookLater();
  }

  private lookLater(): void {
    this.nextLook = setTimeout(() => void this.look(), PAUSE).unref();
  }

  private async look(): Promise<void> {
    try {
      await this.client.ping();
      this.isWell = true;
      this.logger.log(`${NAME} answers again`);
    } catch {
      // On a connection that stays silent nothing will ever be heard.
      if (this.client.status === 'ready') this.client.disconnect(true);
      this.lookLater();
    }
  }
}
