import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { clock } from '../../platform/time/clock.js';
import type { BusyEvent, ProviderEvent, SeenEvent } from '../calendar-provider.js';
import type { Limitation } from '../connection.repository.js';
import { OwnerChanges } from '../owner-changes.js';
import { EventLooks } from './event-looks.js';
import { OwnEvents } from './own-events.js';
import type { ClaimedSync, Window } from './sync.repository.js';

/** A run in whose name the mirror is changed. */
export interface MirrorRun extends ClaimedSync {
  /** What is listed; what lies outside of it is not kept. */
  window: Window;
  /** Of the full synchronisation that last began. */
  generation: string;
  /** Whether everything is listed, or what changed. */
  isFull: boolean;
  /** The events that a full synchronisation could not read. */
  unreadable: Set<string>;
}

/** What a page changed. */
export interface AppliedPage {
  /** The lease, made longer; null when it was lost, and nothing was changed. */
  leaseUntil: Date | null;
  hasChanged: boolean;
  /** The bookings whose events are other than we know of. */
  changedBookings: string[];
}

/** So many are remembered of a calendar; beyond that nobody counts them. */
const MOST_UNREADABLE = 1000;

/** What blocks in a calendar beside our bookings, by event (`busy_block`). */
@Injectable()
export class MirrorRepository {
  constructor(
    private readonly database: Database,
    private readonly ownEvents: OwnEvents,
    private readonly ownerChanges: OwnerChanges,
    private readonly looks: EventLooks,
  ) {}

  /** Begins to list everything: what only other lists saw goes when this one is complete. */
  async beginFull(run: ClaimedSync): Promise<string | null> {
    const [row] = await this.database.inTenant(run.tenant, (sql) =>
      sql.query<{ generation: string }>(
        `UPDATE calendar_sync SET generation = gen_random_uuid(), sync_token = NULL
         WHERE tenant_id = $1 AND calendar_id = $2 AND lease_until = $3 RETURNING generation`,
        [run.tenant, run.calendarId, run.leaseUntil],
      ),
    );
    return row?.generation ?? null;
  }

  /**
   * Takes one page of events, or of changes, over into the mirror; in one transaction, which changes as many rows as there are changes.
   * What was listed is there and what was cancelled is not; nothing else is touched.
   */
  async apply(run: MirrorRun, events: readonly SeenEvent[], leaseMs: number): Promise<AppliedPage> {
    let bookingIds: string[] = [];
    const applied = await this.database.inTenant(run.tenant, async (sql) => {
      const leaseUntil = await this.#extend(sql, run, leaseMs);
      if (leaseUntil === null) return { leaseUntil, hasChanged: false, changedBookings: [] };
      await this.#noteUnreadable(sql, run, events);
      const own = await this.ownEvents.find(sql, run.tenant, run.calendarId, events, run.beganAt);
      const changed = events.filter(({ id }) => own.get(id)?.isChanged === true);
      const changedBookings = [
        ...(await this.looks.request(sql, run.tenant, changed, own)),
        ...(await this.looks.requestRemovals(sql, run.tenant, own)),
      ];
      const { window } = run;
      const blocking = events.filter(
        ({ id, blocks, time }) =>
          blocks &&
          time !== null &&
          time.start < window.to &&
          time.end > window.from &&
          own.get(id)?.isAccountedFor !== true,
      );
      const there = new Set(blocking.map(({ id }) => id));
      // An event that is told of by its instances is not there beside them, although it was before it recurred.
      const recurring = events.flatMap(({ seriesId, cancelled: isGone }) => (isGone ? [] : (seriesId ?? [])));
      const gone = [...events.filter(({ id }) => !there.has(id)).map(({ id }) => id), ...new Set(recurring)];
      const cancelled = events.filter((event) => event.cancelled).map(({ id }) => id);
      const removed = await sql.query<{ id: string }>(
        `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2
           AND (event_id = ANY ($3::text[]) OR series_id = ANY ($4::text[])) RETURNING event_id AS id`,
        [run.tenant, run.calendarId, gone, cancelled],
      );
      const added = await insertBlocks(sql, run, blocking, own);
      bookingIds = [...new Set([...own.values()].map(({ bookingId }) => bookingId))];
      await this.ownerChanges.noteOverlaps(sql, run.tenant, run.calendarId, {
        eventIds: [...new Set([...events, ...removed].map(({ id }) => id))],
        bookingIds,
      });
      // A full synchronisation touches every row, to say that it has seen it.
      const isNews = added.some(({ isNew }) => isNew || !run.isFull);
      const hasChanged = isNews || removed.length + own.size > 0;
      return { leaseUntil, hasChanged, changedBookings };
    });
    if (bookingIds.length > 0) await this.#noteOverlapsElsewhere(run, bookingIds);
    return applied;
  }

  /**
   * The whole of a calendar has been listed: what was not seen is gone. Among the bookings whose events should be there, those are returned
   * whose events were not seen.
   * @param seen the ids of bookings whose events were; null where that could not be told
   */
  async completeFull(run: MirrorRun, seen: readonly string[] | null): Promise<AppliedPage> {
    return this.database.inTenant(run.tenant, async (sql) => {
      const leaseUntil = await this.#extend(sql, run, 0);
      if (leaseUntil === null) return { leaseUntil, hasChanged: false, changedBookings: [] };
      const changedBookings = seen === null ? [] : await this.looks.requestUnseen(sql, run, seen);
      const removed = await sql.query(
        `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2 AND generation <> $3 RETURNING 1`,
        [run.tenant, run.calendarId, run.generation],
      );
      await this.ownerChanges.noteOverlaps(sql, run.tenant, run.calendarId, null);
      return { leaseUntil, hasChanged: removed.length > 0, changedBookings };
    });
  }

  /**
   * Of these recurring events, those of which instances are kept that begin after a moment.
   * @param after epoch milliseconds
   */
  async seriesKept(run: MirrorRun, seriesIds: readonly string[], after: number): Promise<string[]> {
    const rows = await this.database.inTenant(run.tenant, (sql) =>
      sql.query<{ id: string }>(
        `SELECT DISTINCT series_id AS id FROM busy_block
         WHERE tenant_id = $1 AND calendar_id = $2 AND series_id = ANY ($3::text[]) AND ends_at > $4`,
        [run.tenant, run.calendarId, seriesIds, new Date(after)],
      ),
    );
    return rows.map(({ id }) => id);
  }

  /** A recurring event has been listed: of its instances in the window, those are gone that were not seen. */
  async completeSeries(run: MirrorRun, seriesId: string, seen: readonly string[]): Promise<AppliedPage> {
    return this.database.inTenant(run.tenant, async (sql) => {
      const leaseUntil = await this.#extend(sql, run, 0);
      if (leaseUntil === null) return { leaseUntil, hasChanged: false, changedBookings: [] };
      const removed = await sql.query<{ id: string }>(
        `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2 AND series_id = $3 AND event_id <> ALL ($4::text[])
         RETURNING event_id AS id`,
        [run.tenant, run.calendarId, seriesId, seen],
      );
      const eventIds = removed.map(({ id }) => id);
      await this.ownerChanges.noteOverlaps(sql, run.tenant, run.calendarId, { eventIds, bookingIds: [] });
      return { leaseUntil, hasChanged: removed.length > 0, changedBookings: [] };
    });
  }

  /**
   * From now on the calendar is known as of when the run began, and changes are asked for from this token on; without one, everything is
   * listed the next time.
   */
  async keep(
    run: MirrorRun,
    syncToken: string | null,
    timezone: string,
    limitation: Limitation | null = null,
  ): Promise<void> {
    await this.database.inTenant(run.tenant, async (sql) => {
      const rows = await sql.query(
        `UPDATE calendar_sync SET sync_token = $4, limitation = $5,
           unreadable_events = CASE WHEN $6 THEN $7::text[] ELSE unreadable_events END
         WHERE tenant_id = $1 AND calendar_id = $2 AND lease_until = $3 RETURNING 1`,
        [
          ...[run.tenant, run.calendarId, run.leaseUntil, syncToken, limitation],
          ...[run.isFull, [...run.unreadable].slice(0, MOST_UNREADABLE)],
        ],
      );
      if (rows.length === 0) return;
      await sql.query(
        `UPDATE calendar SET known_from = $3, known_to = $4, known_as_of = $5, timezone = CASE $6 WHEN '' THEN timezone ELSE $6 END
         WHERE tenant_id = $1 AND id = $2`,
        [
          run.tenant,
          run.calendarId,
          new Date(run.window.from),
          new Date(run.window.to),
          run.beganAt,
          timezone.slice(0, 64),
        ],
      );
    });
  }

  /**
   * Where the mirror stands before a reading, and when that is by the database's clock: what was read before anything was applied that the
   * reading does not know of is not taken over. The revision is null for a calendar that is not mirrored.
   */
  async beforeReading(
    tenant: TenantId,
    calendarId: string,
  ): Promise<{ revision: string | null; timezone: string | null; at: Date }> {
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<{ revision: string | null; timezone: string | null; at: Date }>(
        `SELECT clock_timestamp() AS at, (SELECT timezone FROM calendar WHERE tenant_id = $1 AND id = $2) AS timezone,
           (SELECT revision::text FROM calendar_sync WHERE tenant_id = $1 AND calendar_id = $2) AS revision`,
        [tenant, calendarId],
      ),
    );
    return row ?? { revision: null, timezone: null, at: clock.date() };
  }

  /**
   * Takes over what a reading found at one time, unless a synchronisation has been faster.
   * @param revision that of the mirror before the reading
   */
  async add(
    tenant: TenantId,
    calendarId: string,
    events: readonly BusyEvent[],
    revision: string,
  ): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      const rows = await sql.query(
        `SELECT 1 FROM calendar_sync WHERE tenant_id = $1 AND calendar_id = $2 AND revision = $3 FOR UPDATE`,
        [tenant, calendarId, revision],
      );
      if (rows.length === 0) return;
      // What our own are is decided by synchronisations alone: bookings may have followed them since the reading.
      const known = events.flatMap(({ id, seriesId, mark, start, end }) =>
        id === null || mark !== null ? [] : [{ id, seriesId, time: { start, end } }],
      );
      // Not as something that the full synchronisation has seen which may be under way: what is gone since goes with that.
      await insertBlocks(sql, { tenant, calendarId, generation: null }, known, new Map());
    });
  }

  /**
   * Puts the event of a booking where it has just been seen, or takes it out where the booking itself accounts for it. Part of the
   * transaction `sql`.
   * @param ids that it had or has
   * @param elsewhere the event, where it is not where its booking is
   */
  async placeOwn(
    sql: SqlTransaction,
    tenant: TenantId,
    { bookingId, calendarId }: { bookingId: string; calendarId: string },
    ids: readonly string[],
    elsewhere: Pick<ProviderEvent, 'id' | 'occupied'> | null,
  ): Promise<void> {
    await sql.query(
      `DELETE FROM busy_block WHERE tenant_id = $1 AND calendar_id = $2 AND event_id = ANY ($3::text[])`,
      [tenant, calendarId, ids],
    );
    const occupied = elsewhere?.occupied ?? null;
    if (elsewhere === null || occupied === null || occupied.start >= occupied.end) return;
    await sql.query(
      `INSERT INTO busy_block (tenant_id, calendar_id, event_id, starts_at, ends_at, booking_id, generation)
       SELECT $1, $2, $3, $4, $5, $6, s.generation FROM calendar_sync s WHERE s.tenant_id = $1 AND s.calendar_id = $2`,
      [tenant, calendarId, elsewhere.id, new Date(occupied.start), new Date(occupied.end), bookingId],
    );
  }

  /**
   * A booking may have been made or moved just while another calendar was synchronised that is read for it, so that neither saw the other:
   * its event tells of it once more. Each calendar by itself, after who may be at it.
   */
  async #noteOverlapsElsewhere(
    { tenant, calendarId }: MirrorRun,
    bookingIds: readonly string[],
  ): Promise<void> {
    const others = await this.database.inTenant(tenant, (sql) =>
      sql.query<{ id: string }>(
        `SELECT calendar_id AS id FROM calendar_sync WHERE tenant_id = $1 AND calendar_id <> $2`,
        [tenant, calendarId],
      ),
    );
    for (const { id } of others) {
      await this.database.inTenant(tenant, async (sql) => {
        const rows = await sql.query(
          `SELECT 1 FROM calendar_sync WHERE tenant_id = $1 AND calendar_id = $2 FOR NO KEY UPDATE`,
          [tenant, id],
        );
        if (rows.length > 0)
          await this.ownerChanges.noteOverlaps(sql, tenant, id, { eventIds: [], bookingIds });
      });
    }
  }

  /** Which events of the calendar cannot be read: those of the page that cannot are, those that can are not any more. */
  async #noteUnreadable(sql: SqlTransaction, run: MirrorRun, events: readonly SeenEvent[]): Promise<void> {
    const unreadable = events.filter(({ isReadable }) => !isReadable).map(({ id }) => id);
    for (const id of unreadable) run.unreadable.add(id);
    if (run.isFull) return;
    await sql.query(
      `UPDATE calendar_sync SET unreadable_events = (ARRAY(
         SELECT id FROM unnest(unreadable_events) id WHERE id <> ALL ($3::text[]) UNION SELECT unnest($4::text[])))[:$5]
       WHERE tenant_id = $1 AND calendar_id = $2 AND (unreadable_events <> '{}' OR $4::text[] <> '{}')`,
      [run.tenant, run.calendarId, events.map(({ id }) => id), unreadable, MOST_UNREADABLE],
    );
  }

  /** @returns null when the lease is lost */
  async #extend(sql: SqlTransaction, run: MirrorRun, leaseMs: number): Promise<Date | null> {
    const [row] = await sql.query<{ leaseUntil: Date }>(
      `UPDATE calendar_sync SET revision = revision + 1,
         lease_until = greatest(lease_until, clock_timestamp() + $4::int * interval '1 ms')
       WHERE tenant_id = $1 AND calendar_id = $2 AND lease_until = $3 RETURNING lease_until AS "leaseUntil"`,
      [run.tenant, run.calendarId, run.leaseUntil, leaseMs],
    );
    return row?.leaseUntil ?? null;
  }
}

/**
 * @param run `generation` null: those that are there stay of theirs, and what is new is of none
 * @returns a row for each block that is new, or otherwise than before
 */
async function insertBlocks(
  sql: SqlTransaction,
  {
    tenant,
    calendarId,
    generation,
  }: Pick<MirrorRun, 'tenant' | 'calendarId'> & { generation: string | null },
  blocking: readonly Pick<SeenEvent, 'id' | 'seriesId' | 'time'>[],
  own: ReadonlyMap<string, { bookingId: string }>,
): Promise<{ isNew: boolean }[]> {
  if (blocking.length === 0) return [];
  // A list that changes while it is read may name one event twice.
  const events = [...new Map(blocking.map((event) => [event.id, event])).values()];
  return sql.query(
    `INSERT INTO busy_block AS u (tenant_id, calendar_id, event_id, series_id, starts_at, ends_at, booking_id, generation)
     SELECT $1, $2, e.id, e.series_id, e.starts_at, e.ends_at, e.booking_id, coalesce($8::uuid, gen_random_uuid())
     FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::uuid[])
       AS e (id, series_id, starts_at, ends_at, booking_id)
     ON CONFLICT (tenant_id, calendar_id, event_id) DO UPDATE SET series_id = excluded.series_id, starts_at = excluded.starts_at,
       ends_at = excluded.ends_at, booking_id = excluded.booking_id, generation = coalesce($8::uuid, u.generation)
     WHERE (u.starts_at, u.ends_at, u.series_id, u.booking_id, u.generation) IS DISTINCT FROM
       (excluded.starts_at, excluded.ends_at, excluded.series_id, excluded.booking_id, coalesce($8::uuid, u.generation))
     RETURNING xmax = 0 AS "isNew"`,
    [
      tenant,
      calendarId,
      events.map(({ id }) => id),
      events.map(({ seriesId }) => seriesId),
      events.map(({ time }) => new Date(time?.start ?? 0)),
      events.map(({ time }) => new Date(time?.end ?? 0)),
      events.map(({ id }) => own.get(id)?.bookingId ?? null),
      generation,
    ],
  );
}
