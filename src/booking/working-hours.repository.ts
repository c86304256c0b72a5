import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from './working-hours.js';

@Injectable()
export class WorkingHoursRepository {
  constructor(private readonly database: Database) {}

  /** The tenant's hours; Monday to Friday 09:00–17:00 for one that never set any. */
  async get(tenantId: TenantId): Promise<WorkingHours> {
    const row = await this.database.prismaInTenant(tenantId, (prisma) =>
      prisma.workingHours.findUnique({ where: { tenantId } }),
    );
    return row === null
      ? DEFAULT_WORKING_HOURS
      : ({ weekly: row.weekly, overrides: row.overrides } as unknown as WorkingHours);
  }

  async replace(tenantId: TenantId, hours: WorkingHours): Promise<void> {
    const json = JSON.parse(JSON.stringify(hours)) as { weekly: object[]; overrides: object[] };
    await this.database.prismaInTenant(tenantId, (prisma) =>
      prisma.workingHours.upsert({ where: { tenantId }, create: { tenantId, ...json }, update: json }),
    );
  }
}
