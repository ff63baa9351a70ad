import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { CommonModule } from '../common/common.module.js';
import type { Settings } from '../config/settings.js';
import { SettingsModule } from '../config/settings.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { EventsModule } from '../events/events.module.js';
import { HealthModule } from '../health/health.module.js';
import { HttpModule } from '../http/http.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { PanelModule } from '../panel/panel.module.js';
import { TokensModule } from '../tokens/tokens.module.js';

/** The whole application. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(settings),
        MetricsModule,
        EventsModule,
        CommonModule,
        DatabaseModule,
        OutboundModule,
        HttpModule,
        JobsModule,
        LimitsModule,
        DeliveriesModule,
        AuthModule,
        TokensModule,
        AccountsModule,
        DevicesModule,
        AdminModule,
        HealthModule,
        PanelModule,
      ],
    };
  }
}
