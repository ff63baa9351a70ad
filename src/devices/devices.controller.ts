import { Controller, Delete, Get, Param } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import type { Account } from '../database/entities/account.entity.js';
import { Done } from '../http/done.dto.js';
import { ApiDevices, ApiUuid } from './api-devices.decorators.js';
import { DeviceNotFound, DevicesUnavailable } from './devices.errors.js';
import { DevicesService } from './devices.service.js';
import { DeviceDto } from './dto/device.dto.js';

/** The devices of the calling account (protocol §5). */
@Controller('api/accounts/me/devices')
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  /** The devices of the calling account, keyed by uuid. */
  @Get()
  @ApiDevices()
  @Access('user', { errors: [new DevicesUnavailable()] })
  async list(@CurrentAccount() account: Account): Promise<Record<string, DeviceDto>> {
    return DeviceDto.byUuid(await this.devices.list(account));
  }

  /** One device of the calling account. Removes nothing: liblinphone up to 5.4 sends GET where it means DELETE. */
  @Get(':uuid')
  @ApiUuid()
  @Access('user', { parameters: true, errors: [new DeviceNotFound(), new DevicesUnavailable()] })
  async show(@CurrentAccount() account: Account, @Param('uuid') uuid: string): Promise<DeviceDto> {
    return DeviceDto.from(await this.devices.find(account, uuid));
  }

  /** Removes a device of the calling account from the SIP proxy. */
  @Delete(':uuid')
  @ApiUuid()
  @Access('user', { body: 'none', parameters: true, errors: [new DeviceNotFound(), new DevicesUnavailable()] })
  async remove(@CurrentAccount() account: Account, @Param('uuid') uuid: string): Promise<Done> {
    await this.devices.remove(account, uuid);
    return new Done();
  }
}
