import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { PingController } from './ping.controller.js';
import { ReadinessService } from './readiness.service.js';

/** Ping, liveness and readiness. */
@Module({ controllers: [PingController, HealthController], providers: [ReadinessService], exports: [ReadinessService] })
export class HealthModule {}
