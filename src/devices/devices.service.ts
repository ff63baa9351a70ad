import { Injectable, Logger } from '@nestjs/common';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { DeviceNotFound, DevicesUnavailable } from './devices.errors.js';
import { type Registration, Registrar, RegistrarUnavailable } from './registrar.js';

/** The devices of an account: its registrations at the SIP proxy. */
@Injectable()
export class DevicesService {
  private readonly logger = new Logger(DevicesService.name);

  constructor(private readonly registrar: Registrar) {}

  /** @throws DevicesUnavailable. */
  async list(address: SipAddress): Promise<Registration[]> {
    return this.ask(() => this.registrar.list(address));
  }

  /**
   * @param uuid the unique id without the quotes and brackets around it.
   * @throws DeviceNotFound, DevicesUnavailable.
   */
  async find(address: SipAddress, uuid: string): Promise<Registration> {
    const device = (await this.list(address)).find(({ uniqueId }) => toUuid(uniqueId) === uuid);
    if (!device) throw new DeviceNotFound();
    return device;
  }

  /** @throws DeviceNotFound, DevicesUnavailable. */
  async remove(address: SipAddress, uuid: string): Promise<void> {
    const { uniqueId } = await this.find(address, uuid);
    await this.ask(() => this.registrar.remove(address, uniqueId));
  }

  /** Removes every device of an account that may no longer register. What asked for this has happened already: never throws. */
  async removeAll(address: SipAddress): Promise<void> {
    const warn = (error: unknown) =>
      this.logger.warn(`A registration of ${formatSip(address)} was not removed from the SIP proxy: ${(error as Error).message}`);
    const registrations = await this.registrar.list(address).catch((error: unknown) => {
      warn(error);
      return [];
    });
    for (const { uniqueId } of registrations) await this.registrar.remove(address, uniqueId).catch(warn);
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof RegistrarUnavailable)) throw error;
      this.logger.error(`The registrar does not answer: ${error.message}`);
      throw new DevicesUnavailable();
    }
  }
}

/** What clients call a device: its unique id without the quotes and angle brackets around it. */
export function toUuid(uniqueId: string): string {
  return uniqueId.replace(/^"?<?/, '').replace(/>?"?$/, '');
}
