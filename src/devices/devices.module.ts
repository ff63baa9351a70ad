import { Module } from '@nestjs/common';
import { DevicesController } from './devices.controller.js';
import { DevicesService } from './devices.service.js';
import { NoRegistrar } from './no-registrar.js';
import { Registrar } from './registrar.js';

/** Devices, by the registrar that DEVICES_DRIVER names. */
@Module({
  controllers: [DevicesController],
  providers: [DevicesService, { provide: Registrar, useClass: NoRegistrar }],
  exports: [DevicesService],
})
export class DevicesModule {}
