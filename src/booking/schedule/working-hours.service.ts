import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { invalidInput } from '../../platform/errors/domain-error.js';
import { DescriptionRepository } from './description.repository.js';
import { WorkingHoursRepository } from './working-hours.repository.js';
import { type WorkingHours, workingHoursProblems } from '../engine/working-hours.js';

@Injectable()
export class WorkingHoursService {
  constructor(
    private readonly descriptions: DescriptionRepository,
    private readonly repository: WorkingHoursRepository,
  ) {}

  async get(tenant: TenantId): Promise<WorkingHours> {
    return this.repository.get(tenant);
  }

  /**
   * Replaces the hours. Bookings that were made stay as they are.
   * @throws DomainError `invalid_input` for hours that overlap or dates that do not exist
   */
  async replace(tenant: TenantId, hours: WorkingHours): Promise<WorkingHours> {
    const problems = workingHoursProblems(hours);
    if (problems.length > 0) throw invalidInput(...problems);
    await this.descriptions.change(tenant, (sql) => this.repository.replace(sql, tenant, hours));
    return hours;
  }
}
