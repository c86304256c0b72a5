import { Injectable, Logger } from '@nestjs/common';
import type { PrismaTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';

type TenantCreatedHook = (prisma: PrismaTransaction, tenant: TenantId) => Promise<void>;
type TenantDeletingHook = (tenant: TenantId) => Promise<void>;

/** The longest that what should happen before a deletion may hold it up, in milliseconds. */
const DELETING_MS = 10_000;

/**
 * Where modules above this one say what a tenant begins with and what has to happen before it goes, so that this module need
 * not know them. Register in the constructor or in `onModuleInit`.
 */
@Injectable()
export class TenantLifecycle {
  readonly #logger = new Logger(TenantLifecycle.name);
  readonly #created: TenantCreatedHook[] = [];
  readonly #deleting: TenantDeletingHook[] = [];

  /** `hook` runs inside the transaction that makes the tenant, as that tenant. When it throws, no tenant is made. */
  onCreated(hook: TenantCreatedHook): void {
    this.#created.push(hook);
  }

  /**
   * `hook` runs before the tenant's rows are deleted, for what lies outside of the database. Best effort: when it throws or
   * takes longer than ten seconds that is logged, and the tenant is deleted all the same.
   */
  onDeleting(hook: TenantDeletingHook): void {
    this.#deleting.push(hook);
  }

  async created(prisma: PrismaTransaction, tenant: TenantId): Promise<void> {
    for (const hook of this.#created) await hook(prisma, tenant);
  }

  async deleting(tenant: TenantId): Promise<void> {
    await Promise.all(this.#deleting.map((hook) => this.#attempt(hook, tenant)));
  }

  async #attempt(hook: TenantDeletingHook, tenant: TenantId): Promise<void> {
    try {
      await withinMs(DELETING_MS, hook(tenant));
    } catch (error) {
      this.#logger.warn({ error, tenantId: tenant }, 'A step before deleting a tenant failed');
    }
  }
}

async function withinMs(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${milliseconds} ms.`)), milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
