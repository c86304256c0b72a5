import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { BusinessInfo } from './business-info.js';
import { BusinessInfoRepository } from './business-info.repository.js';

/** What an organisation has its callers told of it. */
@Injectable()
export class BusinessInfoService {
  constructor(private readonly repository: BusinessInfoRepository) {}

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId): Promise<BusinessInfo> {
    return found(await this.repository.find(tenant));
  }

  /** Replaces all of it. @throws DomainError `not_found` */
  async replace(tenant: TenantId, info: BusinessInfo): Promise<BusinessInfo> {
    return found(await this.repository.replace(tenant, info));
  }
}

function found(info: BusinessInfo | undefined): BusinessInfo {
  if (info === undefined) throw notFound('tenant');
  return info;
}
