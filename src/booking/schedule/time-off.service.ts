import { Injectable } from '@nestjs/common';
import { isUuid, type TenantId } from '../../platform/database/tenant-id.js';
import { invalidInput, notFound } from '../../platform/errors/domain-error.js';
import { DescriptionRepository, refuseBeyond } from './description.repository.js';
import { ResourceRepository } from './resource.repository.js';
import { type TimeOff, timeOffInterval, type TimeOffRequest } from './time-off.js';
import { type TimeOffPosition, TimeOffRepository } from './time-off.repository.js';
import { toIsoWithOffset } from '../engine/zoned-time.js';
import { clock } from '../../platform/time/clock.js';

/** A resource has at most this much time off, what is over included. */
const MOST_TIME_OFF = 1000;

export interface TimeOffQuery {
  /** Default: now. */
  from?: string;
  to?: string;
  cursor?: string;
  limit: number;
}

/** Instants are written with the offset of the resource's zone. */
export interface TimeOffView {
  id: string;
  startsAt: string;
  endsAt: string;
  reason: string | null;
  createdAt: Date;
}

interface TimeOffPage {
  items: TimeOffView[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** When resources are away. Taking time off never touches bookings that were made. */
@Injectable()
export class TimeOffService {
  constructor(
    private readonly descriptions: DescriptionRepository,
    private readonly resources: ResourceRepository,
    private readonly repository: TimeOffRepository,
  ) {}

  /**
   * In the order of its start.
   * @throws DomainError `not_found` for the resource; `invalid_input` for a cursor that this list did not give, or for `to`
   * before `from`
   */
  async list(tenant: TenantId, resourceId: string, query: TimeOffQuery): Promise<TimeOffPage> {
    const from = query.from === undefined ? clock.date() : new Date(query.from);
    const to = query.to === undefined ? undefined : new Date(query.to);
    if (to !== undefined && to < from) {
      throw invalidInput({
        field: 'to',
        message: 'must not be before from, which is now unless it is given',
      });
    }
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    const zone = known(await this.resources.findZone(tenant, resourceId));
    const rows = await this.repository.list(tenant, resourceId, { from, to, after, limit: query.limit + 1 });
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map((timeOff) => view(timeOff, zone)),
      nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last) : null,
    };
  }

  /**
   * @throws DomainError `not_found` for the resource; `limit_reached`; `invalid_input` for a time that ends before it starts,
   * lasts longer than 731 days, or is given in both ways or neither
   */
  async add(
    tenant: TenantId,
    resourceId: string,
    { reason, ...request }: TimeOffRequest & { reason?: string | null },
  ): Promise<TimeOffView> {
    return this.descriptions.change(tenant, async (sql) => {
      const zone = known(await this.resources.findZoneIn(sql, tenant, resourceId));
      const interval = timeOffInterval(request, zone);
      const present = await this.repository.count(sql, tenant, resourceId);
      refuseBeyond(MOST_TIME_OFF, present, 'entries of time off for a resource');
      return view(await this.repository.insert(sql, tenant, resourceId, interval, reason ?? null), zone);
    });
  }

  /** @throws DomainError `not_found` */
  async remove(tenant: TenantId, resourceId: string, id: string): Promise<void> {
    await this.descriptions.change(tenant, async (sql) => {
      known(await this.resources.findZoneIn(sql, tenant, resourceId));
      if (!(await this.repository.delete(sql, tenant, resourceId, id))) throw notFound('time off');
    });
  }
}

/** @throws DomainError `not_found` where there is no zone, because there is no such resource */
function known(zone: string | undefined): string {
  if (zone === undefined) throw notFound('resource');
  return zone;
}

function view({ id, startsAt, endsAt, reason, createdAt }: TimeOff, zone: string): TimeOffView {
  return {
    id,
    startsAt: toIsoWithOffset(startsAt.getTime(), zone),
    endsAt: toIsoWithOffset(endsAt.getTime(), zone),
    reason,
    createdAt,
  };
}

function encodeCursor({ startsAt, id }: TimeOffPosition): string {
  return Buffer.from(`${startsAt.getTime()}.${id}`).toString('base64url');
}

/** @throws DomainError `invalid_input` */
function decodeCursor(cursor: string): TimeOffPosition {
  const [, time, id] = /^(\d{1,14})\.(.{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || !isUuid(id)) {
    throw invalidInput({ field: 'cursor', message: 'is not a cursor that this list gave' });
  }
  return { startsAt: new Date(Number(time)), id };
}
