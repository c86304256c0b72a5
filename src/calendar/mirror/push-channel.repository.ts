import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { asTenantId, type TenantId } from '../../platform/database/tenant-id.js';

/** A channel by which Google tells of changes in a calendar. */
export interface PushChannel {
  tenant: TenantId;
  id: string;
  calendarId: string;
  tokenHash: Buffer;
  /** Where Google sends its messages. */
  address: string;
  /** Google's name for what is watched; null until it is known. */
  resourceId: string | null;
  expiresAt: Date | null;
}

/** Push channels (`push_channel`). */
@Injectable()
export class PushChannelRepository {
  constructor(private readonly database: Database) {}

  /** Before Google is asked for it. @returns false where the calendar is not mirrored any more */
  async save(
    tenant: TenantId,
    { id, calendarId, tokenHash, address }: Pick<PushChannel, 'id' | 'calendarId' | 'tokenHash' | 'address'>,
  ): Promise<boolean> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query(
        // The lock keeps the account from being disconnected meanwhile, which would miss this one.
        `INSERT INTO push_channel (tenant_id, id, calendar_id, token_hash, address)
         SELECT $1::uuid, $2, $3::uuid, $4::bytea, $5 FROM calendar_sync s WHERE s.tenant_id = $1 AND s.calendar_id = $3 FOR KEY SHARE
         RETURNING 1`,
        [tenant, id, calendarId, tokenHash, address],
      ),
    );
    return rows.length > 0;
  }

  /** @returns false where the channel is not wanted any more */
  async opened(
    tenant: TenantId,
    id: string,
    { resourceId, expiresAt }: { resourceId: string; expiresAt: Date },
  ): Promise<boolean> {
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE push_channel SET resource_id = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2 RETURNING 1`,
        [tenant, id, resourceId, expiresAt],
      ),
    );
    return rows.length > 0;
  }

  async ofCalendar(tenant: TenantId, calendarId: string): Promise<PushChannel[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<PushChannel>(
        `SELECT tenant_id AS tenant, id, calendar_id AS "calendarId", token_hash AS "tokenHash", address, resource_id AS "resourceId",
           expires_at AS "expiresAt" FROM push_channel WHERE tenant_id = $1 AND calendar_id = $2 ORDER BY created_at, id`,
        [tenant, calendarId],
      ),
    );
  }

  /** Of all calendars of an account. */
  async ofConnection(tenant: TenantId, connectionId: string): Promise<PushChannel[]> {
    return this.database.inTenant(tenant, (sql) =>
      sql.query<PushChannel>(
        `SELECT p.tenant_id AS tenant, p.id, p.calendar_id AS "calendarId", p.token_hash AS "tokenHash", p.address,
           p.resource_id AS "resourceId", p.expires_at AS "expiresAt"
         FROM push_channel p JOIN calendar k ON k.tenant_id = p.tenant_id AND k.id = p.calendar_id
         WHERE p.tenant_id = $1 AND k.connection_id = $2`,
        [tenant, connectionId],
      ),
    );
  }

  async remove(tenant: TenantId, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.inTenant(tenant, (sql) =>
      sql.query(`DELETE FROM push_channel WHERE tenant_id = $1 AND id = ANY ($2::text[])`, [tenant, ids]),
    );
  }

  /** Whose channels are can only be told by their ids. */
  async findAll(ids: readonly string[]): Promise<PushChannel[]> {
    const rows = await this.database.inSystem((sql) =>
      sql.query<Omit<PushChannel, 'tenant'> & { tenantId: string }>(
        `SELECT tenant_id AS "tenantId", id, calendar_id AS "calendarId", token_hash AS "tokenHash", address,
           resource_id AS "resourceId", expires_at AS "expiresAt" FROM push_channel WHERE id = ANY ($1::text[])`,
        [ids],
      ),
    );
    return rows.map(({ tenantId, ...channel }) => ({ tenant: asTenantId(tenantId), ...channel }));
  }

  /** Notes whether Google tells of changes, and when that is to be looked at again. */
  async setPush(
    tenant: TenantId,
    calendarId: string,
    push: 'none' | 'open' | 'refused',
    againInMs: number,
  ): Promise<void> {
    await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE calendar_sync SET push = $3, push_due_at = now() + $4::float8 * interval '1 ms'
         WHERE tenant_id = $1 AND calendar_id = $2`,
        [tenant, calendarId, push, againInMs],
      ),
    );
  }
}
