import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { TenantRepository } from './tenant.repository.js';
import type { Tenant } from './tenant.js';

const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 10_000;

/**
 * Tenants as they were at most five seconds ago, so that a caller's request need not read one first. A change or deletion by
 * another instance is noticed within that time, one made here at once.
 */
@Injectable()
export class RecentTenants {
  readonly #seen = new Map<TenantId, { tenant: Tenant; until: number }>();
  /** Counts changes: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(private readonly tenants: TenantRepository) {}

  async find(id: TenantId): Promise<Tenant | null> {
    const seen = this.#seen.get(id);
    if (seen !== undefined && seen.until > performance.now()) return seen.tenant;
    const changes = this.#changes;
    const tenant = await this.tenants.find(id);
    if (tenant === null) this.#seen.delete(id);
    if (tenant !== null && changes === this.#changes) {
      if (this.#seen.size >= MOST_REMEMBERED) this.#seen.clear();
      this.#seen.set(id, { tenant, until: performance.now() + REMEMBERED_MS });
    }
    return tenant;
  }

  /** As it was when it was last looked at, however long ago; undefined when it never was. */
  lastSeen(id: TenantId): Tenant | undefined {
    return this.#seen.get(id)?.tenant;
  }

  forget(id: TenantId): void {
    this.#changes += 1;
    this.#seen.delete(id);
  }
}
