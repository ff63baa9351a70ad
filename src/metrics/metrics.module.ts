import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Metrics } from './metrics.service.js';

/** Collects metrics. `src/process` makes them readable. */
@Global()
@Module({ providers: [Metrics], exports: [Metrics] })
export class MetricsModule implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    if (this.settings.metrics) this.metrics.measureProcess();
  }
}
