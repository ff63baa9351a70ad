import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JobLeases } from './job-leases.service.js';
import { JobRunner } from './job-runner.service.js';

/** Jobs: work on a schedule. */
@Module({ imports: [DiscoveryModule], providers: [JobLeases, JobRunner] })
export class JobsModule {}
