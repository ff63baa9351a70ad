import { Redis, type RedisOptions } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import { OutboundCallFailed, reasonOf } from './outbound-call-failed.js';
import { isNotHere, redisErrorCode } from './redis-answers.js';
import { DatabaseRefused, selectDatabase } from './redis-database.js';
import { listenToSentinels } from './redis-sentinels.js';
import { RedisUnfit } from './redis-server.js';
import { untilAborted } from './until-aborted.js';

/** A connection and its state. */
interface Connection {
  readonly redis: Redis;
  /** Resolves once the connection may be used. */
  examination: Promise<void> | null;
  readonly sentinelReason: () => string | null;
  /** Whether a caller has stopped waiting for it. */
  isGivenUp: boolean;
}

/**
 * A connection to a Redis, or to the master that its Sentinels name. It connects on the first command. A connection is
 * never repaired. It is dropped when it is lost, breaks the protocol, fails its examination, or a caller stops waiting
 * for an answer. All commands in flight on it then fail at once, none of them runs later, and the next command opens a
 * new connection.
 */
export class RedisConnection {
  private current: Connection | null = null;

  /**
   * @param name the name of the Redis in the log.
   * @param examine checks each new connection before it is used. If it throws, all commands that wait for the
   * connection fail.
   */
  constructor(
    private readonly name: string,
    private readonly settings: RedisSettings,
    private readonly examine: (redis: Redis) => Promise<void> = () => Promise.resolve(),
  ) {}

  /**
   * Sends a command that may be repeated. It is sent once more if the server closed an existing connection, or if that
   * connection leads to a server that cannot serve it. It is not repeated if a caller of this process closed that
   * connection.
   *
   * @throws OutboundCallFailed; it is a RedisUnfit if the connection or the command shows that.
   */
  ask<T>(command: (redis: Redis) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connection = (this.current ??= this.connect());
    const { redis } = connection;
    const isFromBefore = redis.status === 'ready';
    let connectionError: Error | undefined;
    const remember = (error: Error) => (connectionError ??= error);
    redis.on('error', remember);
    const giveUp = () => {
      connection.isGivenUp = true;
      this.leave(connection);
    };
    return untilAborted(signal, this.name, giveUp, async () => {
      try {
        await (connection.examination ??= this.begin(connection));
        return await command(redis);
      } catch (error) {
        const isRefused = isNotHere(error) || error instanceof DatabaseRefused || error instanceof RedisUnfit;
        // A refused command was not executed, and the next connection may lead to the new primary. A connection that
        // does not answer will not recover.
        if (isRefused || redisErrorCode(error) === null) this.leave(connection);
        const isOver = redis.status === 'end' || isRefused;
        if (isFromBefore && isOver && !connection.isGivenUp) return await this.ask(command, signal);
        if (error instanceof RedisUnfit) throw error;
        // An error such as "connection closed", or NOAUTH after a wrong password, says less than its cause.
        const reason = reasonOf(error instanceof DatabaseRefused ? error : (connectionError ?? error));
        throw new OutboundCallFailed(this.name, connection.sentinelReason() ?? reason);
      } finally {
        redis.off('error', remember);
      }
    });
  }

  close(): void {
    if (this.current) this.leave(this.current);
  }

  private async begin(connection: Connection): Promise<void> {
    try {
      await selectDatabase(connection.redis, this.settings.variable);
      await this.examine(connection.redis);
    } catch (error) {
      // The result of the examination is kept with the connection. Without a new connection each further command would
      // fail with this error.
      this.leave(connection);
      throw error;
    }
  }

  private connect(): Connection {
    const { url, sentinels } = this.settings;
    const options = redisOptions(this.settings);
    const redis =
      sentinels.length === 0 ? new Redis(url, options) : new Redis({ ...options, ...sentinelOptions(this.settings) });
    const sentinelReason = listenToSentinels(redis, this.settings);
    const connection = { redis, examination: null, sentinelReason, isGivenUp: false };
    // Waiting callers receive the errors. Without a listener, an error of an idle connection would end the process.
    redis.on('error', () => undefined).once('end', () => this.leave(connection));
    redis.setMaxListeners(0);
    return connection;
  }

  private leave(connection: Connection): void {
    // If several callers give up the connection at once, only the first one does it.
    if (this.current !== connection) return;
    this.current = null;
    connection.redis.disconnect();
  }
}

/** The options that every connection to a Redis has in common. */
export function redisOptions({ url, ca, connectTimeout }: RedisSettings): RedisOptions {
  return {
    lazyConnect: true,
    // Only commands that we ask for are sent: a user with few permissions may have no others.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
    connectTimeout,
    // A dropped connection does not answer, so there is no use in waiting for a clean close.
    disconnectTimeout: 100,
    keepAlive: 30_000,
    ...(url.startsWith('rediss:') ? { tls: ca === null ? {} : { ca } } : {}),
  };
}

/** The further options where Sentinels name the master. The host of the URL is then not used. */
export function sentinelOptions({
  url,
  sentinels,
  master,
  sentinelPassword,
  connectTimeout,
}: RedisSettings): RedisOptions {
  const { protocol, username, password, pathname } = new URL(url);
  return {
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    db: Number(pathname.slice(1)) || 0,
    sentinels: [...sentinels],
    name: master,
    sentinelPassword: sentinelPassword ?? undefined,
    enableTLSForSentinelMode: protocol === 'rediss:',
    // A silent Sentinel does not keep us from asking the next one. The search ends when none of them has answered.
    // Includes the connection.
    sentinelCommandTimeout: connectTimeout,
    sentinelRetryStrategy: () => null,
  };
}
