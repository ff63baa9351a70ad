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

/** DI token of the Redis of REDIS_URL. Null if nothing is stored there. */
export const SHARED_REDIS = Symbol('shared Redis');

const NAME = 'the shared Redis';
/** Milliseconds that a request waits for an answer. A healthy Redis needs less than one. */
const PATIENCE = 500;
/** Milliseconds that the start waits for a connection. */
const PATIENCE_AT_START = 2_000;
/** Milliseconds for which {@link SharedRedis.state} reuses its last result, because any caller may ask for it. */
const FRESHNESS = 1_000;
/** Milliseconds between two checks of a Redis that is not healthy. */
const PAUSE = 1_000;

/** Describes the effect while the shared Redis does not answer. Null if nothing is stored there. */
export function harmWithoutRedis({ hasLimits, nonceStore }: Pick<Settings, 'hasLimits' | 'nonceStore'>): string | null {
  const harm = [
    ...(hasLimits ? ['some calls are refused and limits hold within each process'] : []),
    ...(nonceStore === 'redis' ? ['calls by Digest are refused'] : []),
  ];
  return harm.length > 0 ? harm.join(', and ') : null;
}

/** The warning when no answer tells whether nonces are kept. */
export const UNKNOWN_EVICTION =
  'NONCE_STORE=redis: the maxmemory-policy of that Redis cannot be seen; it must be noeviction. Give its user the right +info to have it checked';

/** Checks once that the Redis can do what a feature needs, on keys of its own that expire. Throws if it cannot. */
export type RedisProbe = (redis: Redis) => Promise<void>;

/** Whether the shared Redis can be written, and why not. */
export interface SharedRedisState {
  readonly status: 'ok' | 'unavailable';
  readonly reason: string | null;
}

/**
 * The Redis that the processes of one service share (REDIS_URL). Every request uses it, so no request waits for a
 * failed Redis. After a failed command all others fail at once, until a write succeeds again. A connection to a Redis
 * that answers that it takes no writes is closed: the next connection may lead to the new primary.
 */
export class SharedRedis implements OnModuleInit, OnApplicationShutdown {
  /** For libraries that need a client. Their commands must go through {@link use}. */
  readonly client: Redis;
  private readonly logger = new Logger(SharedRedis.name);
  private readonly probes: RedisProbe[] = [];
  /** Why the Redis is not healthy; null while it is. */
  private trouble: string | null = null;
  /** The selection of the database on this connection; null if it has not begun. */
  private selection: Promise<void> | null = null;
  private nextLook: NodeJS.Timeout | undefined;
  private examination: Promise<void> | null = null;
  private examinedAt = -Infinity;
  /** The properties of the server of this connection; null until they are read. */
  private server: RedisServer | null = null;
  private readonly sentinelReason: () => string | null;
  /** The error by which the server refused the password or the database on this connection, if it did. */
  private refusal: Error | null = null;
  /** Whether the application is still starting. */
  private isStarting = true;
  private hasWarned = false;

  /**
   * @param harm the effect while it does not answer ({@link harmWithoutRedis}), for the log.
   * @param holdsNonces whether the Redis must never evict a key.
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
    // The client reports each failed attempt to connect here. The failure is logged once, by the first command that
    // fails. Error answers also go to the command.
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

  /** Adds a check that this Redis must pass to be healthy. Call it before the application starts. */
  needs(probe: RedisProbe): void {
    this.probes.push(probe);
  }

  /** Runs a command on each new connection, also while this Redis is not healthy. A failure is ignored. */
  onConnection(command: (redis: Redis) => Promise<unknown>): void {
    const give = async () => {
      await this.select();
      await command(this.client);
    };
    this.client.on('ready', () => void give().catch(() => undefined));
  }

  /**
   * Connects before the first request. The service starts even if the Redis is down or slow to connect.
   *
   * @throws InvalidSettings if this Redis must not be used.
   */
  async onModuleInit(): Promise<void> {
    const begun = this.begin();
    // An error after the start is in the log, and in `state`.
    begun.catch(() => undefined);
    await Promise.race([begun, pause(PATIENCE_AT_START, undefined, { ref: false })]);
    this.isStarting = false;
    // From now on a new connection may lead to another server.
    this.client.on('ready', () => void this.look());
  }

  onApplicationShutdown(): void {
    clearTimeout(this.nextLook);
    this.client.disconnect();
  }

  /**
   * Runs a command. Its time counts towards the time within which the request is answered.
   *
   * @throws OutboundCallFailed, within half a second. It is then unknown whether the command was executed.
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

  /** Whether the Redis can be written. It is checked at most once per second. */
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
      // After the start the service only drops the connection: the Redis may be corrected by the next check.
      if (!(error instanceof RedisUnfit && this.isStarting)) return;
      this.onApplicationShutdown();
      throw new InvalidSettings([error.message]);
    });
  }

  /** Selects the database, once per connection. */
  private select(): Promise<void> {
    this.selection ??= selectDatabase(this.client, this.settings.variable).catch((error: unknown) => {
      this.selection = null;
      throw error;
    });
    return this.selection;
  }

  /** Runs the checks. Callers that ask meanwhile share one run. */
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

  /**
   * Reads the properties once per connection. It reads them again only for the eviction policy, and only if the user
   * may run INFO, because the server logs denied commands.
   */
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

  /** @param cause the answer of the server, if `error` is derived from it. */
  private leave(error: unknown, cause: unknown = error): void {
    const before = this.trouble;
    // Without a connection the last reason is the best one.
    if (before === null || this.client.status === 'ready') this.trouble = this.reasonFor(error);
    // Another connection may lead to another server. A connection that stays silent never answers again.
    if (this.client.status === 'ready' && (isNotHere(cause) || cause instanceof DatabaseRefused || before !== null))
      this.client.disconnect(true);
    if (this.trouble !== before) this.logger.error(`${NAME}: ${this.trouble}; until it answers again, ${this.harm}`);
    if (before === null) this.lookLater();
  }

  private reasonFor(error: unknown): string {
    // After a wrong password, further commands fail with NOAUTH (no password was given).
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
