import { Injectable, type PipeTransform } from '@nestjs/common';
import { asTenantId, isUuid, type TenantId } from '../platform/database/tenant-id.js';
import { notFound } from '../platform/errors/domain-error.js';

/** A tenant's id from an admin's request. What cannot be an id names no tenant. */
@Injectable()
export class TenantIdPipe implements PipeTransform<string, TenantId> {
  transform(value: string): TenantId {
    if (!isUuid(value)) throw notFound('tenant');
    return asTenantId(value);
  }
}
