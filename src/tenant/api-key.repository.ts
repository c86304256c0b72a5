import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { SqlState, sqlStateOf } from '../platform/database/sql-error.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import type { NewApiKey } from './api-key.js';
import type { Scope } from './caller.js';

/** What may be shown of a key after it was made. */
export interface ApiKeyRecord {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** What checking a presented key needs. */
interface StoredApiKey {
  tenant: TenantId;
  id: string;
  scopes: Scope[];
  hash: Uint8Array;
}

const SHOWN = {
  id: true,
  name: true,
  prefix: true,
  scopes: true,
  createdAt: true,
  lastUsedAt: true,
} as const;

/** Keys belong to the system's side: tenants' transactions have no right to this table at all. */
@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  /** @returns null when the prefix is taken: make another key */
  async add(
    tenant: TenantId,
    { name, scopes }: { name: string; scopes: Scope[] },
    { prefix, hash }: NewApiKey,
  ): Promise<ApiKeyRecord | null> {
    try {
      return await this.database.prismaInSystem(
        async (prisma) =>
          (await prisma.apiKey.create({
            data: { tenantId: tenant, name, scopes, prefix, secretHash: hash },
            select: SHOWN,
          })) as ApiKeyRecord,
      );
    } catch (error) {
      if (sqlStateOf(error) === SqlState.uniqueViolation) return null;
      throw error;
    }
  }

  async list(tenant: TenantId): Promise<ApiKeyRecord[]> {
    const rows = await this.database.prismaInSystem((prisma) =>
      prisma.apiKey.findMany({
        where: { tenantId: tenant },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: SHOWN,
      }),
    );
    return rows as ApiKeyRecord[];
  }

  /** @returns whether there was such a key */
  async delete(tenant: TenantId, id: string): Promise<boolean> {
    const { count } = await this.database.prismaInSystem((prisma) =>
      prisma.apiKey.deleteMany({ where: { tenantId: tenant, id } }),
    );
    return count > 0;
  }

  /** The one question asked before a tenant is known; prefixes are unique over all tenants. */
  async findByPrefix(prefix: string): Promise<StoredApiKey | null> {
    const row = await this.database.prismaInSystem((prisma) =>
      prisma.apiKey.findUnique({ where: { prefix } }),
    );
    return (
      row && {
        tenant: asTenantId(row.tenantId),
        id: row.id,
        scopes: row.scopes as Scope[],
        hash: row.secretHash,
      }
    );
  }

  /** Records when keys were last used, all in one statement; never moves a time backwards. */
  async recordUse(uses: readonly { tenant: TenantId; id: string; at: Date }[]): Promise<void> {
    await this.database.inSystem((sql) =>
      sql.query(
        `UPDATE api_key k SET last_used_at = greatest(k.last_used_at, u.at)
         FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS u (tenant_id, id, at)
         WHERE k.tenant_id = u.tenant_id AND k.id = u.id`,
        [uses.map((use) => use.tenant), uses.map((use) => use.id), uses.map((use) => use.at)],
      ),
    );
  }
}
