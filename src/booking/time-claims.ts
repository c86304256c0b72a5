import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import { SqlState, sqlStateOf } from '../platform/database/sql-error.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { notFound } from '../platform/errors/domain-error.js';
import type { Candidate, FreeTime } from './availability/time-finder.js';
import { addDays, localDateOf, startOfDay, weekdayOf } from './engine/zoned-time.js';

/** Why a time that was free by all that was known cannot be had after all. */
export type ClaimRefusal = 'booked' | 'day_full' | 'not_offered';

/** What the claim is for: whoever has it already is preferred, and a booking that is moved is not in its own way. */
export interface ClaimOptions {
  preferredResourceId?: string;
  exceptBookingId?: string;
  /** For whom: their own holds do not stand in the way, and have to be given up then (`OwnHolds.giveWay`). */
  heldFor?: string;
}

/** Two references that meet: rare, and never so often in a row. */
const ATTEMPTS = 5;

class TimeRefused extends Error {
  constructor(readonly reason: ClaimRefusal) {
    super(reason);
  }
}

/** The transactions in which a time is taken: what decides is decided in them, by `claim_time` and by the constraint. */
@Injectable()
export class TimeClaims {
  constructor(private readonly database: Database) {}

  /**
   * Runs `work`, which claims a time and takes it, in one transaction.
   * @returns why it was refused, after everything was rolled back; the exclusion constraint has the last word
   * @throws DomainError `not_found` when the tenant is being deleted
   */
  async transaction<Result>(
    tenant: TenantId,
    work: (sql: SqlTransaction) => Promise<Result>,
  ): Promise<Result | { refused: ClaimRefusal }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.database.inTenant(tenant, work);
      } catch (error) {
        if (error instanceof TimeRefused) return { refused: error.reason };
        const sqlState = sqlStateOf(error);
        if (sqlState === SqlState.exclusionViolation) return { refused: 'booked' };
        // The organisation is being deleted, at this moment or since its key was looked at.
        if (sqlState === SqlState.foreignKeyViolation) throw notFound('tenant');
        if (sqlState !== SqlState.uniqueViolation || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Chooses who gives the time and locks the choice until the transaction ends: the preferred one, the least booked in that
   * week (Monday to Sunday where the tenant is), who was assigned longest ago. Rolls the transaction back where nobody can.
   */
  async claim(
    sql: SqlTransaction,
    tenant: TenantId,
    { serviceId, timezone, slot, blocked, candidates }: FreeTime,
    { preferredResourceId, exceptBookingId, heldFor }: ClaimOptions = {},
  ): Promise<Candidate & { localDate: string }> {
    const dates = candidates.map((candidate) => localDateOf(slot.start, candidate.timezone));
    const [claimed] = await sql.query<{ resourceId: string | null; refusal: ClaimRefusal | null }>(
      `SELECT resource_id AS "resourceId", refusal
       FROM claim_time($1, $2, $3, $4::date[], tstzrange($5, $6), tstzrange($7, $8), $9, $10, $11)`,
      [
        tenant,
        serviceId,
        candidates.map(({ resourceId }) => resourceId),
        dates,
        new Date(blocked.start),
        new Date(blocked.end),
        ...weekOf(slot.start, timezone),
        preferredResourceId ?? null,
        exceptBookingId ?? null,
        heldFor ?? null,
      ],
    );
    const index = candidates.findIndex(({ resourceId }) => resourceId === claimed?.resourceId);
    const candidate = candidates[index];
    const localDate = dates[index];
    if (candidate === undefined || localDate === undefined)
      throw new TimeRefused(claimed?.refusal ?? 'booked');
    return { ...candidate, localDate };
  }

  /** Makes everybody wait who chooses among this tenant's resources, or counts its bookings, until the transaction ends. */
  async lockAssignment(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query('SELECT lock_assignment($1)', [tenant]);
  }
}

function weekOf(start: number, timezone: string): [from: Date, to: Date] {
  const date = localDateOf(start, timezone);
  const monday = addDays(date, 1 - weekdayOf(date));
  return [new Date(startOfDay(monday, timezone)), new Date(startOfDay(addDays(monday, 7), timezone))];
}
