import { Injectable, Logger } from '@nestjs/common';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { AccountEvents } from '../events/account-events.service.js';
import { DeviceNotFound, DevicesUnavailable } from './devices.errors.js';
import { type Registration, Registrar } from './registrar.js';

/** The devices of an account: its registrations at the SIP proxy. */
@Injectable()
export class DevicesService {
  private readonly logger = new Logger(DevicesService.name);

  constructor(
    private readonly registrar: Registrar,
    private readonly outbound: OutboundCalls,
    private readonly events: AccountEvents,
  ) {}

  /** @throws DevicesUnavailable. */
  async list(address: SipAddress): Promise<Registration[]> {
    return this.ask((signal) => this.registrar.list(address, signal));
  }

  /**
   * @param uuid the unique id without its quotes and brackets.
   * @throws DeviceNotFound, DevicesUnavailable.
   */
  async find(address: SipAddress, uuid: string): Promise<Registration> {
    return findIn(await this.list(address), uuid);
  }

  /** @throws DeviceNotFound, also for a uuid that may be cut from another one; DevicesUnavailable. */
  async remove(account: SipAddress & { id: number }, uuid: string): Promise<void> {
    await this.ask(async (signal) => {
      const registrations = await this.registrar.list(account, signal);
      if (registrations.some(({ uniqueId }) => isCutFrom(toUuid(uniqueId), uuid))) throw new DeviceNotFound();
      const { uniqueId } = findIn(registrations, uuid);
      await this.registrar.remove(account, uniqueId, signal);
    });
    this.events.report('device.removed', account, { device: uuid });
  }

  /**
   * Removes every device of an account that may no longer register. Never throws: the change that requires the removal
   * is already done.
   */
  async removeAll(address: SipAddress): Promise<void> {
    const warn = (error: unknown) =>
      this.logger.warn(
        `A registration of ${formatSip(address)} was not removed from the SIP proxy: ${(error as Error).message}`,
      );
    const removal = async (signal: AbortSignal) => {
      for (const { uniqueId } of await this.registrar.list(address, signal)) {
        if (signal.aborted) return;
        await this.registrar.remove(address, uniqueId, signal).catch(warn);
      }
    };
    await this.outbound.ask('devices', removal).catch(warn);
  }

  private async ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.outbound.ask('devices', question);
    } catch (error) {
      if (!(error instanceof OutboundCallFailed)) throw error;
      this.logger.error(`The registrar does not answer: ${error.message}`);
      throw new DevicesUnavailable();
    }
  }
}

function findIn(registrations: readonly Registration[], uuid: string): Registration {
  const device = registrations.find(({ uniqueId }) => toUuid(uniqueId) === uuid);
  if (!device) throw new DeviceNotFound();
  return device;
}

/**
 * Whether a uuid may be what liblinphone left of another one: it cuts a URL at the first quote, angle bracket, blank,
 * `#` or character beyond ASCII. The caller may then mean the other device.
 */
function isCutFrom(whole: string, uuid: string): boolean {
  return whole !== uuid && whole.startsWith(uuid) && /^["<\s#\u0080-\uffff]/.test(whole.slice(uuid.length));
}

/** The uuid of a device in the API: its unique id without the quotes and angle brackets. */
export function toUuid(uniqueId: string): string {
  return uniqueId.replace(/^"?<?/, '').replace(/>?"?$/, '');
}
