import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { generateApiKey } from './api-key.js';
import { type ApiKeyRecord, ApiKeyRepository } from './api-key.repository.js';
import type { Scope } from './caller.js';
import { TenantService } from './tenant.service.js';

/** Enough to give each integration its own key and to rotate them; bounds the list. */
const MOST_KEYS = 100;
/** Two of the 2^48 prefixes meet once in a great many keys; five in a row means that something else is wrong. */
const ATTEMPTS = 5;

/** The keys of tenants, as the administrator manages them. */
@Injectable()
export class ApiKeyService {
  constructor(
    private readonly tenants: TenantService,
    private readonly keys: ApiKeyRepository,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /**
   * @returns the new key's record and the key itself, which cannot be shown again
   * @throws DomainError `not_found`, or `conflict` when the tenant has a hundred keys
   */
  async create(
    tenant: TenantId,
    wanted: { name: string; scopes: Scope[] },
  ): Promise<ApiKeyRecord & { key: string }> {
    if ((await this.list(tenant)).length >= MOST_KEYS) {
      throw new DomainError('conflict', `The tenant has ${MOST_KEYS} keys. Delete those that are not used.`);
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const generated = generateApiKey();
      const record = await this.keys.add(tenant, wanted, generated);
      if (record !== null) return { ...record, key: generated.key };
    }
    throw new Error(`No free key prefix was found in ${ATTEMPTS} attempts`);
  }

  /** Oldest first. @throws DomainError `not_found` */
  async list(tenant: TenantId): Promise<ApiKeyRecord[]> {
    await this.tenants.get(tenant);
    return this.keys.list(tenant);
  }

  /** The key stops working at once here, and within five seconds on other instances. @throws DomainError `not_found` */
  async revoke(tenant: TenantId, id: string): Promise<void> {
    const existed = await this.keys.delete(tenant, id);
    this.authenticator.forgetKey(tenant, id);
    if (!existed) throw notFound('API key');
  }
}
