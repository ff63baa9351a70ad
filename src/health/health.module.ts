import { Module } from '@nestjs/common';
import { PingController } from './ping.controller.js';

/** Whether the service is well. */
@Module({ controllers: [PingController] })
export class HealthModule {}
