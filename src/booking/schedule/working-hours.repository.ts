import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from '../engine/working-hours.js';

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

  async replace(sql: SqlTransaction, tenant: TenantId, { weekly, overrides }: WorkingHours): Promise<void> {
    await sql.query(
      `INSERT INTO working_hours (tenant_id, weekly, overrides) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id) DO UPDATE
       SET weekly = excluded.weekly, overrides = excluded.overrides, updated_at = now()`,
      [tenant, JSON.stringify(weekly), JSON.stringify(overrides)],
    );
  }
}
