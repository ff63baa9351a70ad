import { Controller, Delete, Get, Param } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { ApiDevices, ApiUuid } from '../devices/api-devices.decorators.js';
import { DeviceNotFound, DevicesUnavailable } from '../devices/devices.errors.js';
import { DevicesService } from '../devices/devices.service.js';
import { DeviceDto } from '../devices/dto/device.dto.js';
import { Done } from '../http/done.dto.js';
import { AccountIdPipe } from './account-id.pipe.js';
import { AdminAccountsService } from './admin-accounts.service.js';
import { ApiId } from './api-id.decorator.js';

/** The devices of an account, for administrators (protocol §6). */
@Controller('api/accounts/:id/devices')
export class AccountDevicesController {
  constructor(
    private readonly adminAccounts: AdminAccountsService,
    private readonly devices: DevicesService,
  ) {}

  /** The devices of an account, keyed by uuid. */
  @Get()
  @ApiId()
  @ApiDevices()
  @Access('admin', { parameters: true, errors: [new DevicesUnavailable()] })
  async list(@Param('id', AccountIdPipe) id: number): Promise<Record<string, DeviceDto>> {
    return DeviceDto.byUuid(await this.devices.list(await this.adminAccounts.show(id)));
  }

  /** Removes a device of an account from the SIP proxy. */
  @Delete(':uuid')
  @ApiId()
  @ApiUuid()
  @Access('admin', { body: 'none', parameters: true, errors: [new DeviceNotFound(), new DevicesUnavailable()] })
  async remove(@Param('id', AccountIdPipe) id: number, @Param('uuid') uuid: string): Promise<Done> {
    await this.devices.remove(await this.adminAccounts.show(id), uuid);
    return new Done();
  }
}
