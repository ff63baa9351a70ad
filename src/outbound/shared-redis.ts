import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import type { Settings } from '../config/settings.js';
import { InvalidSettings } from '../config/settings.js';
import { answerAllowance } from '../common/time-allowance.js';
import { OutboundCallFailed, reasonOf } from './outbound-call-failed.js';
import { isNotHere, redisErrorCode } from './redis-answers.js';
import { DatabaseRefused, selectDatabase } from './redis-database.js';
import { listenToSentinels } from './redis-sentinels.js';
import {
  namingCluster,
  type RedisServer,
  redisServer,
  RedisUnfit,
  refuseEviction,
  refuseMode,
} from './redis-server.js';
import { redisOptions, sentinelOptions } from './redis.js';

/** DI token of what REDIS_URL names; null where nothing is shared. */
export const SHARED_REDIS = Symbol('shared Redis');

const NAME = 'the shared Redis';
/** Milliseconds for which a request waits for an answer: a Redis that is well needs less than one. */
const PATIENCE = 500;
/** Milliseconds for which the start waits for a connection. */
const PATIENCE_AT_START = 2_000;
/** Milliseconds for which {@link SharedRedis.state} goes by what it has tried out: anybody may ask. */
const FRESHNESS = 1_000;
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

/** What is said where nothing tells whether nonces are kept. */
export const UNKNOWN_EVICTION =
  'NONCE_STORE=redis: the maxmemory-policy of that Redis cannot be seen; it must be noeviction. Give its user the right +info to have it checked';

/** Does what its user needs of a Redis, once, on keys of its own that end by themselves: throws where that cannot be done. */
export type RedisProbe = (redis: Redis) => Promise<void>;

/** Whether the shared Redis can be written, and why not. */
export interface SharedRedisState {
  readonly status: 'ok' | 'unavailable';
  readonly reason: string | null;
}

/**
 * The Redis that the processes of one service share (REDIS_URL). Every request uses it, so no request waits for a failed Redis. After a
 * failed command all others fail at once, until a write succeeds again. A Redis that answers that it is not the
 * one to write to is left: the next connection may lead to the new primary.
 */
export class SharedRedis implements OnModuleInit, OnApplicationShutdown {
  /** For libraries that want a client; what they do with it must go through {@link use}. */
  readonly client: Redis;
  private readonly logger = new Logger(SharedRedis.name);
  private readonly probes: RedisProbe[] = [];
  /** Why it is not well; null while it is. */
  private trouble: string | null = null;
  /** Whether the database has been selected on this connection. */
  private selection: Promise<void> | null = null;
  private nextLook: NodeJS.Timeout | undefined;
  private examination: Promise<void> | null = null;
  private examinedAt = -Infinity;
  /** What the server of this connection has been found to be; null until it has been looked at. */
  private server: RedisServer | null = null;
  private readonly sentinelReason: () => string | null;
  /** What the server answered to the password or to the choice of the database on this connection, if it refused that. */
  private refusal: Error | null = null;
  /** Whether the start still waits. */
  private isStarting = true;
  private hasWarned = false;

  /**
   * @param harm what is the matter while it does not answer ({@link harmWithoutRedis}), for the log.
   * @param holdsNonces whether it must keep everything it is given.
   */
  constructor(
    private readonly settings: RedisSettings,
    private readonly harm: string,
    private readonly holdsNonces: boolean,
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
    // Each vain attempt to connect is told here; that it is not well is said once, by the first command that fails. What the server
    // answered, commands are told as well.
    this.sentinelReason = listenToSentinels(this.client, settings);
    this.client.on('error', (error) => {
      if (redisErrorCode(error) !== null) this.refusal ??= error;
      else if (this.trouble !== null) this.trouble = this.sentinelReason() ?? reasonOf(error);
    });
    this.client.on('connect', () => (this.refusal = null));
    this.client.on('close', () => {
      this.selection = null;
      this.server = null;
    });
  }

  /** Adds what must be possible for this Redis to be well. To be called before the application starts. */
  needs(probe: RedisProbe): void {
    this.probes.push(probe);
  }

  /** Gives a command on each new connection, also while this Redis is not well. A failure is ignored. */
  onConnection(command: (redis: Redis) => Promise<unknown>): void {
    const give = async () => {
      await this.select();
      await command(this.client);
    };
    this.client.on('ready', () => void give().catch(() => undefined));
  }

  /**
   * Connects before the first request. The service starts without a Redis that is not there yet, or slow to connect.
   *
   * @throws InvalidSettings if it is a Redis that must not be used.
   */
  async onModuleInit(): Promise<void> {
    const begun = this.begin();
    // What shows after the start has gone on is in the log, and in `state`.
    begun.catch(() => undefined);
    await Promise.race([begun, pause(PATIENCE_AT_START, undefined, { ref: false })]);
    this.isStarting = false;
    // A connection from now on may be one to another server.
    this.client.on('ready', () => void this.look());
  }

  onApplicationShutdown(): void {
    clearTimeout(this.nextLook);
    this.client.disconnect();
  }

  /**
   * Gives a command. Its time is part of the time within which the request is answered.
   *
   * @throws OutboundCallFailed, within half a second. Whether the command was carried out is then not known.
   */
  async use<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.trouble !== null) throw new OutboundCallFailed(NAME, 'is not well');
    const allowance = answerAllowance();
    allowance?.begin();
    try {
      await this.select();
      return await command(this.client);
    } catch (error) {
      this.leave(error);
      throw new OutboundCallFailed(NAME, reasonOf(error));
    } finally {
      allowance?.end();
    }
  }

  /** Whether it can be written, tried out unless that was done within the last second. */
  async state(): Promise<SharedRedisState> {
    if (this.trouble === null && performance.now() - this.examinedAt > FRESHNESS)
      await this.examine().catch(() => undefined);
    return { status: this.trouble === null ? 'ok' : 'unavailable', reason: this.trouble };
  }

  private async begin(): Promise<void> {
    try {
      await this.client.connect();
    } catch (error) {
      return this.leave(error);
    }
    await this.examine().catch((error: unknown) => {
      // One that shows later what it is, is left, and may have been mended when it is looked at again.
      if (!(error instanceof RedisUnfit && this.isStarting)) return;
      this.onApplicationShutdown();
      throw new InvalidSettings([error.message]);
    });
  }

  /** Selects the database, once for each connection. */
  private select(): Promise<void> {
    this.selection ??= selectDatabase(this.client, this.settings.variable).catch((error: unknown) => {
      this.selection = null;
      throw error;
    });
    return this.selection;
  }

  /** Tries out what is needed. At once for all that ask meanwhile. */
  private examine(): Promise<void> {
    this.examination ??= this.tryOut()
      .then(
        () => this.welcome(),
        (error: unknown) => {
          const shown = namingCluster(error, this.settings.variable);
          this.leave(shown, error);
          throw shown;
        },
      )
      .finally(() => (this.examination = null));
    return this.examination;
  }

  private async tryOut(): Promise<void> {
    this.examinedAt = performance.now();
    await this.select();
    await this.lookAtServer();
    for (const probe of this.probes) await probe(this.client);
  }

  /** Once for each connection; then again only for what may change, where the user may see it: a denied command is noted by the server. */
  private async lookAtServer(): Promise<void> {
    if (this.server !== null && !(this.holdsNonces && this.server.showsInfo)) return;
    const server = await redisServer(this.client);
    refuseMode(server, this.settings.variable);
    if (this.holdsNonces) this.checkEviction(server);
    this.server = server;
  }

  private checkEviction(server: RedisServer): void {
    refuseEviction(server);
    if (server.evictionPolicy !== null || this.hasWarned) return;
    this.hasWarned = true;
    this.logger.warn(UNKNOWN_EVICTION);
  }

  /** @param cause the answer itself, where the error says what it shows. */
  private leave(error: unknown, cause: unknown = error): void {
    const before = this.trouble;
    // Without a connection there is no better reason than the last one.
    if (before === null || this.client.status === 'ready') this.trouble = this.reasonFor(error);
    // Another connection may lead to another server; and on one that stays silent nothing will ever be heard.
    if (this.client.status === 'ready' && (isNotHere(cause) || cause instanceof DatabaseRefused || before !== null))
      this.client.disconnect(true);
    if (this.trouble !== before) this.logger.error(`${NAME}: ${this.trouble}; until it answers again, ${this.harm}`);
    if (before === null) this.lookLater();
  }

  private reasonFor(error: unknown): string {
    // After a wrong password, further commands are told that none was given.
    const isOfPassword = redisErrorCode(error) === 'NOAUTH' && this.refusal !== null;
    return this.sentinelReason() ?? reasonOf(isOfPassword ? this.refusal : error);
  }

  private welcome(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    clearTimeout(this.nextLook);
    this.logger.log(`${NAME} answers again`);
  }

  private lookLater(): void {
    clearTimeout(this.nextLook);
    this.nextLook = setTimeout(() => void this.look(), PAUSE).unref();
  }

  private async look(): Promise<void> {
    await this.examine().catch(() => this.lookLater());
  }
}
