import { Redis, type RedisOptions } from 'ioredis';
import type { RedisSettings } from '../config/outbound-settings.js';
import { OutboundCallFailed, reasonOf } from './outbound-call-failed.js';
import { isNotHere, redisErrorCode } from './redis-answers.js';
import { DatabaseRefused, selectDatabase } from './redis-database.js';
import { listenToSentinels } from './redis-sentinels.js';
import { RedisUnfit } from './redis-server.js';
import { untilAborted } from './until-aborted.js';

/** A connection and what is known of it. */
interface Connection {
  readonly redis: Redis;
  /** Done once it may be used. */
  examination: Promise<void> | null;
  readonly sentinelReason: () => string | null;
  /** Whether somebody has waited for it in vain. */
  isGivenUp: boolean;
}

/**
 * A Redis, or the master that its Sentinels name. It is connected to with the first command. A connection is not mended but left when it
 * is lost, breaks the protocol, does not pass its examination, or somebody has waited for it in vain: whatever is under way on it fails at
 * once, nothing of it is done later, and the next command begins with a new one.
 */
export class RedisConnection {
  private current: Connection | null = null;

  /**
   * @param name what it is called in the log.
   * @param examine looks at each new connection before it is used; what it throws fails all commands that wait for that.
   */
  constructor(
    private readonly name: string,
    private readonly settings: RedisSettings,
    private readonly examine: (redis: Redis) => Promise<void> = () => Promise.resolve(),
  ) {}

  /**
   * Sends a command that may be repeated. It is sent once more if an existing connection was closed by the server or leads to a server
   * that cannot serve it. It is not repeated if a caller of this process closed that connection.
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
        // A refused command was not carried out, and the next connection may lead to the new primary. A connection without an answer stays so.
        if (isRefused || redisErrorCode(error) === null) this.leave(connection);
        const isOver = redis.status === 'end' || isRefused;
        if (isFromBefore && isOver && !connection.isGivenUp) return await this.ask(command, signal);
        if (error instanceof RedisUnfit) throw error;
        // That the connection is closed, or that no password was given after a wrong one, says less than why.
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
      // The examination is kept with the connection: each further command would fail with this error.
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
    // Those who wait hear of errors; without a listener, those of an unused connection would end the process.
    redis.on('error', () => undefined).once('end', () => this.leave(connection));
    redis.setMaxListeners(0);
    return connection;
  }

  private leave(connection: Connection): void {
    // Of all that give it up at once, the first does.
    if (this.current !== connection) return;
    this.current = null;
    connection.redis.disconnect();
  }
}

/** What every connection to a Redis has in common. */
export function redisOptions({ url, ca, connectTimeout }: RedisSettings): RedisOptions {
  return {
    lazyConnect: true,
    // Nothing but what we ask for: a user with few permissions may have no others.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
    connectTimeout,
    // One that is given up does not answer: there is nobody to say good-bye to.
    disconnectTimeout: 100,
    keepAlive: 30_000,
    ...(url.startsWith('rediss:') ? { tls: ca === null ? {} : { ca } } : {}),
  };
}

/** What is said besides where Sentinels name the master; the host of the URL does not count. */
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
    // A silent one does not keep us from asking the next; when all were asked in vain, that is the answer. Includes the connection.
    sentinelCommandTimeout: connectTimeout,
    sentinelRetryStrategy: () => null,
  };
}
