import { type DynamicModule, Module } from '@nestjs/common';
import { AgentToolsModule } from './agent-tools/agent-tools.module.js';
import { BookingModule } from './booking/booking.module.js';
import { CalendarModule } from './calendar/calendar.module.js';
import { SettingsModule } from './platform/config/settings.module.js';
import type { Settings } from './platform/config/settings.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { EncryptionModule } from './platform/encryption/encryption.module.js';
import { HealthModule } from './platform/health/health.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { JobsModule } from './platform/jobs/jobs.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { TenantModule } from './tenant/tenant.module.js';

@Module({})
export class AppModule {
  static of(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.of(settings),
        DatabaseModule,
        JobsModule,
        EncryptionModule,
        HttpModule,
        HealthModule,
        MetricsModule,
        TenantModule,
        CalendarModule,
        BookingModule,
        AgentToolsModule,
      ],
    };
  }
}
