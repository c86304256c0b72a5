import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import { notFound } from '../platform/errors/domain-error.js';
import { JobQueue } from '../platform/jobs/job-queue.js';
import { decodeCursor, encodeCursor } from '../tenant/page-cursor.js';
import { CALENDAR_WRITES, calendarWriteOptions } from './calendar-writes.queue.js';
import { WaitingWriteRepository, type StuckFilter, type StuckWrite } from './waiting-write.repository.js';

export interface StuckWritesQuery {
  state: 'failed' | 'pending';
  limit: number;
  cursor?: string;
}

/** What is stuck on its way to the calendars, for whoever runs the service. */
@Injectable()
export class CalendarWritesService {
  constructor(
    private readonly database: Database,
    private readonly writes: WaitingWriteRepository,
    private readonly jobs: JobQueue,
  ) {}

  /** @throws DomainError `invalid_input` for a cursor that is none */
  async list({
    state,
    limit,
    cursor,
  }: StuckWritesQuery): Promise<{ items: StuckWrite[]; nextCursor: string | null }> {
    const place = cursor === undefined ? null : decodeCursor(cursor);
    const after = place === null ? null : { since: place.createdAt, bookingId: place.id };
    // One more than asked for tells whether there is another page.
    const found = await this.writes.findStuck({ state }, limit + 1, after);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return {
      items,
      nextCursor: hasMore ? encodeCursor({ createdAt: last.since, id: last.bookingId }) : null,
    };
  }

  /**
   * Tries a write again, from the beginning of its patience.
   * @throws DomainError `not_found` when the booking has no write that failed or waits
   */
  async retry(tenant: TenantId, bookingId: string): Promise<void> {
    const isThere = await this.database.inTenant(tenant, async (sql) => {
      if (!(await this.writes.retry(sql, tenant, bookingId))) return false;
      const job = { tenant, bookingId };
      await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job));
      return true;
    });
    if (!isThere) throw notFound('calendar write that failed or waits');
  }

  /**
   * Tries many writes again, longest waiting first.
   * @returns how many, and whether there are more that are meant
   */
  async retryAll({
    limit,
    ...filter
  }: StuckFilter & { limit: number }): Promise<{ retried: number; hasMore: boolean }> {
    const found = await this.writes.findStuck(filter, limit + 1, null);
    const chosen = Map.groupBy(found.slice(0, limit), ({ tenantId }) => tenantId);
    let retried = 0;
    for (const [tenantId, writes] of chosen) {
      const tenant = asTenantId(tenantId);
      retried += await this.database.inTenant(tenant, async (sql) => {
        let count = 0;
        // In one order, as others may be at the same ones.
        for (const { bookingId } of writes.toSorted((one, other) =>
          one.bookingId < other.bookingId ? -1 : 1,
        )) {
          if (!(await this.writes.retry(sql, tenant, bookingId))) continue;
          const job = { tenant, bookingId };
          await this.jobs.enqueue(sql, CALENDAR_WRITES, job, calendarWriteOptions(job, { isBacklog: true }));
          count += 1;
        }
        return count;
      });
    }
    return { retried, hasMore: found.length > limit };
  }
}
