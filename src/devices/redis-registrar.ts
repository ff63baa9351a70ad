import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Clock } from '../common/clock.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { redisErrorCode } from '../outbound/redis-answers.js';
import { namingCluster, redisServer, RedisUnfit, refuseMode } from '../outbound/redis-server.js';
import { RedisConnection } from '../outbound/redis.js';
import { withinTime } from '../outbound/within-time.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import type { RedisSettings } from '../config/outbound-settings.js';
import { InvalidSettings } from '../config/settings.js';
import { parseContact } from './contact-header.js';
import { type Registration, Registrar } from './registrar.js';

const NAME = "the SIP proxy's Redis";
/** Far more than any account has. */
const MOST_REGISTRATIONS = 1_000;
/** Seconds that the start waits for an answer. */
const START_LIMIT = 2;
/** An address that no account can have: `.invalid` is reserved (RFC 2606). */
const PROBE_ADDRESS: SipAddress = { username: 'flexisip-api', domain: 'probe.invalid' };

/**
 * Lists and removes the registrations of an address that no account has.
 *
 * @throws if a command is not allowed, or Redis cannot be written.
 */
export async function probeRegistrations(client: Redis): Promise<void> {
  await client.hlen(keyOf(PROBE_ADDRESS));
  await client.hgetall(keyOf(PROBE_ADDRESS));
  await removal(client, PROBE_ADDRESS, 'none');
}

/**
 * Removes and notifies in one transaction: a proxy without the notification would keep the registration in its memory.
 */
function removal(client: Redis, address: SipAddress, uniqueId: string) {
  return client.multi().hdel(keyOf(address), uniqueId).publish(formatSip(address), uniqueId).exec();
}

/** The registrar that several Flexisip proxies share in Redis: DEVICES_DRIVER=redis. */
export class RedisRegistrar extends Registrar implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(RedisRegistrar.name);
  private readonly redis: RedisConnection;

  constructor(
    private readonly settings: RedisSettings,
    private readonly clock: Clock,
  ) {
    super();
    this.redis = new RedisConnection(NAME, settings, (client) => this.refuseUnfit(client));
  }

  /**
   * Checks the kind of server. A Redis that does not answer, or refuses other commands, does not stop the start; the
   * calls that need it fail.
   *
   * @throws InvalidSettings if the server is a Redis that cannot be used.
   */
  async onModuleInit(): Promise<void> {
    try {
      await withinTime(START_LIMIT, (signal) => this.redis.ask(() => Promise.resolve(), signal));
    } catch (error) {
      if (error instanceof OutboundCallFailed && !(error instanceof RedisUnfit)) return;
      this.redis.close();
      throw error instanceof RedisUnfit ? new InvalidSettings([error.message]) : error;
    }
  }

  async list(address: SipAddress, signal: AbortSignal): Promise<Registration[]> {
    const count = await this.redis.ask((redis) => redis.hlen(keyOf(address)), signal);
    if (count > MOST_REGISTRATIONS)
      throw new OutboundCallFailed(NAME, `holds more than ${MOST_REGISTRATIONS} registrations for one address`);
    const contacts = await this.redis.ask((redis) => redis.hgetall(keyOf(address)), signal);
    const registrations = Object.entries(contacts).map(([uniqueId, value]) => parseContact(uniqueId, value));
    const readable = registrations.filter((registration) => registration !== null);
    this.reportUnreadable(address, registrations.length - readable.length, count);
    const now = this.clock.now();
    return readable.filter(({ expiresAt }) => expiresAt > now);
  }

  async remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void> {
    const results = await this.redis.ask((redis) => removal(redis, address, uniqueId), signal);
    const failed = results?.find(([error]) => error !== null);
    if (!results || failed) throw new OutboundCallFailed(NAME, 'did not remove the registration');
  }

  onApplicationShutdown(): void {
    this.redis.close();
  }

  /** Checks each new connection, since a later one may lead to another server. */
  private async refuseUnfit(client: Redis): Promise<void> {
    const { variable } = this.settings;
    refuseMode(await redisServer(client), variable);
    await client.hlen(keyOf(PROBE_ADDRESS)).catch((error: unknown) => {
      const named = namingCluster(error, variable);
      // A Redis user may have rights on the addresses of its own domain only. Calls report everything else that the
      // server refuses.
      if (named !== error || redisErrorCode(error) === null) throw named;
    });
  }

  /** Logs unreadable registrations, so that one does not hide the others. Throws if no registration can be read. */
  private reportUnreadable(address: SipAddress, unreadable: number, all: number): void {
    if (unreadable === 0) return;
    if (unreadable === all) throw new OutboundCallFailed(NAME, 'holds what are no registrations');
    this.logger.warn(
      `${NAME} holds ${unreadable} of ${all} registrations of ${formatSip(address)} that cannot be read`,
    );
  }
}

function keyOf(address: SipAddress): string {
  return `fs:${formatSip(address)}`;
}
