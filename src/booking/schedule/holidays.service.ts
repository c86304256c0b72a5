import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { invalidInput } from '../../platform/errors/domain-error.js';
import { DescriptionRepository } from './description.repository.js';
import { type Holiday, HolidaysRepository } from './holidays.repository.js';

/** On which dates the organisation is closed. Changing them never touches bookings that were made. */
@Injectable()
export class HolidaysService {
  constructor(
    private readonly descriptions: DescriptionRepository,
    private readonly repository: HolidaysRepository,
  ) {}

  /** In the order of their dates. */
  async list(tenant: TenantId): Promise<Holiday[]> {
    return this.repository.list(tenant);
  }

  /** Replaces all of them. @throws DomainError `invalid_input` for a date that is listed twice */
  async replace(tenant: TenantId, holidays: readonly Holiday[]): Promise<Holiday[]> {
    const first = new Map<string, number>();
    const problems = holidays.flatMap(({ date }, index) => {
      const earlier = first.get(date);
      if (earlier === undefined) first.set(date, index);
      return earlier === undefined
        ? []
        : [{ field: `holidays[${index}].date`, message: `is the date of holidays[${earlier}], too` }];
    });
    if (problems.length > 0) throw invalidInput(...problems);
    await this.descriptions.change(tenant, (sql) => this.repository.replace(sql, tenant, holidays));
    return [...holidays].sort((a, b) => (a.date < b.date ? -1 : 1));
  }
}
