import { Injectable } from '@nestjs/common';
import { Database, type PrismaTransaction } from '../platform/database/database.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import type { PageCursor } from './page-cursor.js';
import type { Tenant, TenantChanges, UnreadableCalendarPolicy } from './tenant.js';

interface TenantRow extends Omit<Tenant, 'id' | 'unreadableCalendarPolicy'> {
  id: string;
  unreadableCalendarPolicy: string;
}

@Injectable()
export class TenantRepository {
  constructor(private readonly database: Database) {}

  /** @param begin runs in the same transaction, as the new tenant */
  async add(
    wanted: TenantChanges & Pick<Tenant, 'name' | 'timezone'>,
    begin: (prisma: PrismaTransaction, tenant: TenantId) => Promise<void>,
  ): Promise<Tenant> {
    return this.database.prismaInSystem(async (prisma) => {
      const tenant = toTenant(await prisma.tenant.create({ data: wanted }));
      await prisma.$executeRaw`SELECT enter_tenant(${tenant.id}::uuid)`;
      await begin(prisma, tenant.id);
      return tenant;
    });
  }

  async find(tenant: TenantId): Promise<Tenant | null> {
    const row = await this.database.prismaInTenant(tenant, (prisma) =>
      prisma.tenant.findUnique({ where: { id: tenant } }),
    );
    return row && toTenant(row);
  }

  /** Oldest first. */
  async listAfter(cursor: PageCursor | null, limit: number): Promise<Tenant[]> {
    const rows = await this.database.prismaInSystem((prisma) =>
      prisma.tenant.findMany({
        where: cursor === null ? {} : olderThan(cursor),
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: limit,
      }),
    );
    return rows.map(toTenant);
  }

  async change(tenant: TenantId, changes: TenantChanges): Promise<Tenant | null> {
    const [row] = await this.database.prismaInSystem((prisma) =>
      prisma.tenant.updateManyAndReturn({ where: { id: tenant }, data: changes }),
    );
    return row === undefined ? null : toTenant(row);
  }

  /** With everything that is the tenant's. @returns whether there was such a tenant */
  async delete(tenant: TenantId): Promise<boolean> {
    return this.database.inSystem(async (sql) => {
      const rows = await sql.query('DELETE FROM tenant WHERE id = $1 RETURNING id', [tenant]);
      return rows.length > 0;
    });
  }
}

/** In the list, behind the row that `cursor` stands for. */
function olderThan({ createdAt, id }: PageCursor) {
  return {
    createdAt: { gte: createdAt },
    OR: [{ createdAt: { gt: createdAt } }, { id: { gt: id } }],
  };
}

/** The database's own constraint says that a policy is one of the two. */
function toTenant(row: TenantRow): Tenant {
  return {
    id: asTenantId(row.id),
    name: row.name,
    timezone: row.timezone,
    locale: row.locale,
    unreadableCalendarPolicy: row.unreadableCalendarPolicy as UnreadableCalendarPolicy,
    calendarStaleAfterMinutes: row.calendarStaleAfterMinutes,
    maxHoldsPerConversation: row.maxHoldsPerConversation,
    maxHoldsPerNumber: row.maxHoldsPerNumber,
    maxHoldsPerKey: row.maxHoldsPerKey,
    maxBookingsPerConversation: row.maxBookingsPerConversation,
    maxBookingsPerNumber: row.maxBookingsPerNumber,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
