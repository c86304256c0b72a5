import { Injectable } from '@nestjs/common';
import { ResourceCalendarRepository } from '../../calendar/resource-calendar.repository.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { invalidInput, notFound } from '../../platform/errors/domain-error.js';
import { decodeCursor, encodeCursor } from '../../tenant/page-cursor.js';
import type {
  DescribedResource,
  NewResource,
  ResourceDescription,
  ResourceRow,
} from './described-resource.js';
import { DescriptionRepository, MOST_DESCRIBED, refuseBeyond } from './description.repository.js';
import { ResourceRepository } from './resource.repository.js';
import { withChanges } from './with-changes.js';
import { type WorkingHours, workingHoursProblems } from '../engine/working-hours.js';

interface ResourcePage {
  items: DescribedResource[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** Who or what a tenant can be booked with. Changing it never touches bookings that were made. */
@Injectable()
export class ResourcesService {
  constructor(
    private readonly descriptions: DescriptionRepository,
    private readonly resources: ResourceRepository,
    private readonly calendars: ResourceCalendarRepository,
  ) {}

  /** Oldest first; a page may have fewer than `limit`, and another after it. @throws DomainError `invalid_input` for a cursor that this list did not give */
  async list(tenant: TenantId, { cursor, limit }: { cursor?: string; limit: number }): Promise<ResourcePage> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const { rows, isMore } = await this.resources.listAfter(tenant, after, limit);
    const last = rows.at(-1);
    return {
      items: await this.#withCalendars(tenant, rows),
      nextCursor: isMore && last !== undefined ? encodeCursor(last) : null,
    };
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId, id: string): Promise<DescribedResource> {
    const [resource] = await this.#withCalendars(tenant, [found(await this.resources.find(tenant, id))]);
    if (resource === undefined) throw notFound('resource');
    return resource;
  }

  /**
   * @throws DomainError `invalid_input` for hours that overlap; `limit_reached`; as `ResourceCalendarRepository.choose` for
   * the calendars
   */
  async add(tenant: TenantId, wanted: NewResource): Promise<DescribedResource> {
    refuseProblems(wanted.workingHours);
    const calendars = wanted.calendars ?? null;
    const id = await this.descriptions.change(tenant, async (sql) => {
      refuseBeyond(MOST_DESCRIBED, await this.resources.count(sql, tenant), 'resources');
      const added = await this.resources.insert(sql, tenant, {
        name: wanted.name,
        timezone: wanted.timezone ?? null,
        workingHours: wanted.workingHours ?? null,
        calendars,
        active: wanted.active ?? true,
      });
      if (calendars !== null) await this.calendars.choose(sql, tenant, added, calendars);
      return added;
    });
    return this.get(tenant, id);
  }

  /** What is not given stays as it is. @throws DomainError `not_found`, and as `add` */
  async change(
    tenant: TenantId,
    id: string,
    { calendars, ...changes }: Partial<ResourceDescription>,
  ): Promise<DescribedResource> {
    refuseProblems(changes.workingHours);
    await this.descriptions.change(tenant, async (sql) => {
      const resource = found(await this.resources.findIn(sql, tenant, id));
      await this.resources.update(sql, tenant, id, withChanges(resource, changes));
      if (calendars !== undefined) await this.calendars.choose(sql, tenant, id, calendars);
    });
    return this.get(tenant, id);
  }

  /** It is offered and listed no more; its bookings stay as they are. @throws DomainError `not_found` */
  async remove(tenant: TenantId, id: string): Promise<void> {
    await this.descriptions.change(tenant, async (sql) => {
      if (!(await this.resources.markDeleted(sql, tenant, id))) throw notFound('resource');
    });
  }

  async #withCalendars(tenant: TenantId, rows: readonly ResourceRow[]): Promise<DescribedResource[]> {
    const chosen = await this.calendars.findChosen(
      tenant,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({ ...row, calendars: chosen.get(row.id) ?? null }));
  }
}

function found(resource: ResourceRow | undefined): ResourceRow {
  if (resource === undefined) throw notFound('resource');
  return resource;
}

/** @throws DomainError `invalid_input`, with fields as in the request: `workingHours.weekly[1].start` */
function refuseProblems(hours: WorkingHours | null | undefined): void {
  const problems = hours === null || hours === undefined ? [] : workingHoursProblems(hours);
  if (problems.length > 0) {
    throw invalidInput(
      ...problems.map(({ field, message }) => ({ field: `workingHours.${field}`, message })),
    );
  }
}
