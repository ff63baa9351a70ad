import { Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { CommandSocket } from './command-socket.js';
import { DevicesController } from './devices.controller.js';
import { DevicesService } from './devices.service.js';
import { FlexisipRegistrar } from './flexisip-registrar.js';
import { NoRegistrar } from './no-registrar.js';
import { RedisRegistrar } from './redis-registrar.js';
import { Registrar } from './registrar.js';

function createRegistrar({ devices }: Settings, clock: Clock): Registrar {
  switch (devices.driver) {
    case 'none':
      return new NoRegistrar();
    case 'flexisip':
      return new FlexisipRegistrar(new CommandSocket(devices.pidFile, devices.socketDirectory));
    case 'redis':
      return new RedisRegistrar(devices.redis, clock);
  }
}

/** Devices, from the registrar that DEVICES_DRIVER names. */
@Module({
  controllers: [DevicesController],
  providers: [DevicesService, { provide: Registrar, useFactory: createRegistrar, inject: [Settings, Clock] }],
  exports: [DevicesService],
})
export class DevicesModule {}
