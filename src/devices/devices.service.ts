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
    return this.ask((signal) => this.findWithin(address, uuid, signal));
  }

  /** @throws DeviceNotFound, DevicesUnavailable. */
  async remove(account: SipAddress & { id: number }, uuid: string): Promise<void> {
    await this.ask(async (signal) => {
      const { uniqueId } = await this.findWithin(account, uuid, signal);
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

  private async findWithin(address: SipAddress, uuid: string, signal: AbortSignal): Promise<Registration> {
    const device = (await this.registrar.list(address, signal)).find(({ uniqueId }) => toUuid(uniqueId) === uuid);
    if (!device) throw new DeviceNotFound();
    return device;
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

/** The uuid of a device in the API: its unique id without the quotes and angle brackets. */
export function toUuid(uniqueId: string): string {
  return uniqueId.replace(/^"?<?/, '').replace(/>?"?$/, '');
}
