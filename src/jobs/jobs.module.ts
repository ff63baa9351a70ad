import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JobLeases } from './job-leases.service.js';
import { JobRunner } from './job-runner.service.js';

/** What happens by the clock. */
@Module({ imports: [DiscoveryModule], providers: [JobLeases, JobRunner] })
export class JobsModule {}
