import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Clock } from '../common/clock.js';
import { NeighbourFailed } from '../common/neighbours/neighbour-failed.js';
import { RedisNeighbour } from '../common/neighbours/redis.js';
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
  private readonly redis: RedisNeighbour;

  constructor(
    settings: RedisSettings,
    private readonly clock: Clock,
  ) {
    super();
    this.redis = new RedisNeighbour(NAME, settings);
  }

  async list(address: SipAddress, signal: AbortSignal): Promise<Registration[]> {
    const count = await this.redis.ask((redis) => redis.hlen(keyOf(address)), signal);
    if (count > MOST_REGISTRATIONS) throw new NeighbourFailed(NAME, `holds more than ${MOST_REGISTRATIONS} registrations for one address`);
    const contacts = await this.redis.ask((redis) => redis.hgetall(keyOf(address)), signal);
    const registrations = Object.entries(contacts).map(([uniqueId, value]) => parseContact(uniqueId, value));
    const readable = registrations.filter((registration) => registration !== null);
    this.reportUnreadable(address, registrations.length - readable.length, count);
    const now = this.clock.now();
    return readable.filter(({ expiresAt }) => expiresAt > now);
  }

  async remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void> {
    // Together: a proxy that is not told would keep what it remembers.
    const both = (redis: Redis) => redis.multi().hdel(keyOf(address), uniqueId).publish(formatSip(address), uniqueId).exec();
    const results = await this.redis.ask(both, signal);
    const failed = results?.find(([error]) => error !== null);
    if (!results || failed) throw new NeighbourFailed(NAME, 'did not remove the registration');
  }

  onApplicationShutdown(): void {
    this.redis.close();
  }

  /** One odd registration does not hide the others. */
  private reportUnreadable(address: SipAddress, unreadable: number, all: number): void {
    if (unreadable === 0) return;
    if (unreadable === all) throw new NeighbourFailed(NAME, 'holds what are no registrations');
    this.logger.warn(`${NAME} holds ${unreadable} of ${all} registrations of ${formatSip(address)} that cannot be read`);
  }
}

function keyOf(address: SipAddress): string {
  return `fs:${formatSip(address)}`;
}
