import { Body, Controller, Get } from '@nestjs/common';
import type { Account } from '../database/entities/account.entity.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { DevicesService } from '../devices/devices.service.js';
import { DeviceForm } from './forms/device.form.js';
import { PanelPages, TakesForm } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { DevicesPage } from './views/devices.js';

/** Pages about the registered devices of an account. */
@PanelPages('user')
@Controller('account/devices')
export class OwnDevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Get()
  async list(@CurrentAccount() account: Account): Promise<View> {
    return view(DevicesPage, { registrations: await this.devices.list(account) });
  }

  @TakesForm('remove')
  async remove(@CurrentAccount() account: Account, @Body() { uuid }: DeviceForm): Promise<Redirect> {
    await this.devices.remove(account, uuid);
    return goTo('devices', 'device');
  }
}
