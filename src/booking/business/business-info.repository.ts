import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import type { BusinessInfo } from './business-info.js';

/** An organisation describes itself: its own role may read its row, and change these columns of it. */
@Injectable()
export class BusinessInfoRepository {
  constructor(private readonly database: Database) {}

  async find(tenant: TenantId): Promise<BusinessInfo | undefined> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<BusinessInfo>('SELECT address, phone, email, website, note FROM tenant WHERE id = $1', [
        tenant,
      ]),
    );
    return row;
  }

  /** @returns undefined where there is no such tenant */
  async replace(
    tenant: TenantId,
    { address, phone, email, website, note }: BusinessInfo,
  ): Promise<BusinessInfo | undefined> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<BusinessInfo>(
        `UPDATE tenant SET address = $2, phone = $3, email = $4, website = $5, note = $6, updated_at = now()
         WHERE id = $1 RETURNING address, phone, email, website, note`,
        [tenant, address, phone, email, website, note],
      ),
    );
    return row;
  }
}
