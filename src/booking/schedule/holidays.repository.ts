import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';

/** A local date on which the organisation is closed. */
export interface Holiday {
  /** `YYYY-MM-DD` */
  date: string;
  name: string;
}

/** Every statement names the tenant itself, although row-level security would also confine it. */
@Injectable()
export class HolidaysRepository {
  constructor(private readonly database: Database) {}

  /** In the order of their dates. */
  async list(tenant: TenantId): Promise<Holiday[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<Holiday>(
        // As text: a Date would be of the process's zone.
        'SELECT date::text AS date, name FROM holiday WHERE tenant_id = $1 ORDER BY holiday.date',
        [tenant],
      ),
    );
  }

  async replace(sql: SqlTransaction, tenant: TenantId, holidays: readonly Holiday[]): Promise<void> {
    await sql.query('DELETE FROM holiday WHERE tenant_id = $1', [tenant]);
    await sql.query(
      `INSERT INTO holiday (tenant_id, date, name)
       SELECT $1, given.date, given.name FROM unnest($2::date[], $3::text[]) AS given (date, name)`,
      [tenant, holidays.map(({ date }) => date), holidays.map(({ name }) => name)],
    );
  }
}
