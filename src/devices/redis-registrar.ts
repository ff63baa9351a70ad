import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Clock } from '../common/clock.js';
import { NeighbourFailed, reasonOf } from '../common/neighbours/neighbour-failed.js';
import { connectRedis } from '../common/neighbours/redis.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import type { RedisSettings } from '../config/neighbour-settings.js';
import { parseContact } from './contact-header.js';
import { type Registration, Registrar } from './registrar.js';

const NAME = "the SIP proxy's Redis";
/** Far beyond any account's. */
const MOST_REGISTRATIONS = 1_000;

/** The registrar that several Flexisip proxies share in Redis: DEVICES_DRIVER=redis. */
export class RedisRegistrar extends Registrar implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisRegistrar.name);
  private readonly redis: Redis;
  /** Why there is no connection, when there is none. */
  private connectionError: Error | null = null;
  private isClosing = false;

  constructor(
    settings: RedisSettings,
    private readonly clock: Clock,
  ) {
    super();
    // Of one attempt, the first error says why; those after it follow from it.
    this.redis = connectRedis(settings)
      .on('connecting', () => (this.connectionError = null))
      .on('error', (error) => (this.connectionError ??= error))
      .on('ready', () => (this.connectionError = null));
  }

  async list(address: SipAddress, signal: AbortSignal): Promise<Registration[]> {
    const count = await this.ask(() => this.redis.hlen(keyOf(address)), signal);
    if (count > MOST_REGISTRATIONS) throw new NeighbourFailed(NAME, `holds more than ${MOST_REGISTRATIONS} registrations for one address`);
    const contacts = await this.ask(() => this.redis.hgetall(keyOf(address)), signal);
    const registrations = Object.entries(contacts).map(([uniqueId, value]) => parseContact(uniqueId, value));
    const readable = registrations.filter((registration) => registration !== null);
    this.reportUnreadable(address, registrations.length - readable.length, count);
    const now = this.clock.now();
    return readable.filter(({ expiresAt }) => expiresAt > now);
  }

  async remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void> {
    // Together: a proxy that is not told would keep what it remembers.
    const both = this.redis.multi().hdel(keyOf(address), uniqueId).publish(formatSip(address), uniqueId);
    const results = await this.ask(() => both.exec(), signal);
    const failed = results?.find(([error]) => error !== null);
    if (!results || failed) throw new NeighbourFailed(NAME, 'did not remove the registration');
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }

  /** One odd registration does not hide the others. */
  private reportUnreadable(address: SipAddress, unreadable: number, all: number): void {
    if (unreadable === 0) return;
    if (unreadable === all) throw new NeighbourFailed(NAME, 'holds what are no registrations');
    this.logger.warn(`${NAME} holds ${unreadable} of ${all} registrations of ${formatSip(address)} that cannot be read`);
  }

  /** A connection that does not answer is not waited for by the next call either. All that give up at once close it once. */
  private renewConnection(): void {
    // Before there is one, the client is looking for it by itself, and would stop.
    if (this.isClosing || (this.redis.status !== 'ready' && this.redis.status !== 'connect')) return;
    this.isClosing = true;
    this.redis.once('close', () => (this.isClosing = false)).disconnect(true);
  }

  private async ask<T>(command: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let late = () => {};
    const tooLate = new Promise<never>((_resolve, reject) => {
      late = () => {
        this.renewConnection();
        reject(new NeighbourFailed(NAME, 'did not answer in time'));
      };
    });
    signal.addEventListener('abort', late, { once: true });
    try {
      return await Promise.race([command(), tooLate]);
    } catch (error) {
      throw error instanceof NeighbourFailed ? error : new NeighbourFailed(NAME, reasonOf(this.connectionError ?? error));
    } finally {
      signal.removeEventListener('abort', late);
    }
  }
}

function keyOf(address: SipAddress): string {
  return `fs:${formatSip(address)}`;
}
