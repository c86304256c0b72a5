import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { TenantRepository } from './tenant.repository.js';

const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 10_000;

/**
 * Whether a tenant exists, remembered for five seconds: a JWT says only that the tenant once did. A tenant deleted by another
 * instance is noticed within that time, one deleted here at once.
 */
@Injectable()
export class TenantPresence {
  readonly #seenUntil = new Map<TenantId, number>();
  /** Counts deletions: what was looked up before one is not remembered after it. */
  #deletions = 0;

  constructor(private readonly tenants: TenantRepository) {}

  async exists(tenant: TenantId): Promise<boolean> {
    if ((this.#seenUntil.get(tenant) ?? 0) > performance.now()) return true;
    this.#seenUntil.delete(tenant);
    const deletions = this.#deletions;
    if ((await this.tenants.find(tenant)) === null) return false;
    if (deletions !== this.#deletions) return true;
    if (this.#seenUntil.size >= MOST_REMEMBERED) this.#seenUntil.clear();
    this.#seenUntil.set(tenant, performance.now() + REMEMBERED_MS);
    return true;
  }

  forget(tenant: TenantId): void {
    this.#deletions += 1;
    this.#seenUntil.delete(tenant);
  }
}
