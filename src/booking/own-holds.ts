import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import type { Author } from './author.js';
import type { Seeker } from './availability/availability.repository.js';
import type { FreeTime } from './availability/time-finder.js';
import { overlaps } from './engine/intervals.js';
import type { Hold } from './hold.js';
import { HOLD_COLUMNS, HoldRepository, type HoldRow, toHold } from './hold.repository.js';

/** A time that was claimed, and that may take the place of holds that its asker has. */
export interface ClaimedTime extends Pick<FreeTime, 'serviceId' | 'slot' | 'blocked' | 'isLimitedPerDay'> {
  resourceId: string;
  /** Of the start, where it takes place. */
  localDate: string;
}

/** Which of an asker's holds is meant. */
interface WantedHold {
  /** Epoch milliseconds. */
  start: number;
  serviceId?: string;
  resourceId?: string;
}

/** `most`: how many a conversation may have at once. */
type OwnHold = Hold & { localDate: string; most: number };

/**
 * The holds that one conversation asked for. Nothing that it asks for later may be refused because of them: what is looked for
 * on its behalf does not see them, and those that are in the way of what it takes are given up with it.
 */
@Injectable()
export class OwnHolds {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldRepository,
  ) {}

  /** The live one of exactly this time. */
  async find(tenant: TenantId, heldFor: string, wanted: WantedHold): Promise<Hold | undefined> {
    return this.database.inTenant(tenant, (sql) => this.findIn(sql, tenant, heldFor, wanted));
  }

  /**
   * The one of a time that is refused by now, such as for the notice that was long enough when it was held.
   * @returns its id
   * @throws `error`, where there is none
   */
  async insteadOf(
    error: unknown,
    tenant: TenantId,
    asked: WantedHold,
    { heldFor }: Seeker = {},
  ): Promise<string> {
    const isRefused =
      error instanceof DomainError && ['slot_taken', 'outside_availability'].includes(error.code);
    if (!isRefused || heldFor === undefined) throw error;
    const own = await this.find(tenant, heldFor, asked);
    if (own === undefined) throw error;
    return own.id;
  }

  async findIn(
    sql: SqlTransaction,
    tenant: TenantId,
    heldFor: string,
    { start, serviceId, resourceId }: WantedHold,
  ): Promise<Hold | undefined> {
    const [row] = await sql.query<HoldRow>(
      `SELECT ${HOLD_COLUMNS} FROM booking
       WHERE tenant_id = $1 AND held_for = $2 AND status = 'held' AND hold_expires_at > clock_timestamp()
         AND starts_at = $3 AND ($4::uuid IS NULL OR service_id = $4) AND ($5::uuid IS NULL OR resource_id = $5)
       ORDER BY hold_expires_at DESC LIMIT 1`,
      [tenant, heldFor, new Date(start), serviceId ?? null, resourceId ?? null],
    );
    return row && toHold(row);
  }

  /**
   * Gives up what is in the way of a time that this transaction has claimed: holds that overlap it and, where bookings of the
   * day are limited, those that would count beside it. Holds are last in the order of locks that `claim_time` says.
   * @param bookingId of the booking that takes the time: who repeats the request with the hold finds it by that
   * @param leavesRoom for one more hold: of the others, the oldest beyond what a conversation may have are given up, too
   */
  async giveWay(
    sql: SqlTransaction,
    tenant: TenantId,
    heldFor: string,
    time: ClaimedTime,
    { author, bookingId, leavesRoom = false }: { author: Author; bookingId?: string; leavesRoom?: boolean },
  ): Promise<void> {
    const own = await this.#lockLive(sql, tenant, heldFor);
    const inTheWay = own.filter((hold) => isInTheWay(hold, time));
    const others = own.filter((hold) => !inTheWay.includes(hold));
    const mayStay = leavesRoom ? (own[0]?.most ?? 1) - 1 : others.length;
    const tooMany = others.slice(0, Math.max(0, others.length - mayStay));
    for (const hold of [...inTheWay, ...tooMany]) {
      const isUsed = hold.serviceId === time.serviceId && hold.startsAt.getTime() === time.slot.start;
      await this.holds.giveUp(sql, tenant, hold.id, author, isUsed ? bookingId : undefined);
    }
  }

  /** Gives up all of them. @returns how many there were */
  async release(tenant: TenantId, heldFor: string, author: Author): Promise<number> {
    return this.database.inTenant(tenant, async (sql) => {
      const own = await this.#lockLive(sql, tenant, heldFor);
      for (const { id } of own) await this.holds.giveUp(sql, tenant, id, author);
      return own.length;
    });
  }

  /** The one that runs out first comes first. */
  async #lockLive(sql: SqlTransaction, tenant: TenantId, heldFor: string): Promise<OwnHold[]> {
    const rows = await sql.query<HoldRow & { localDate: string; most: number }>(
      `SELECT ${HOLD_COLUMNS}, local_date::text AS "localDate",
         (SELECT t.max_holds_per_conversation FROM tenant t WHERE t.id = $1) AS most FROM booking
       WHERE tenant_id = $1 AND held_for = $2 AND status = 'held'
       ORDER BY hold_expires_at, id FOR UPDATE`,
      [tenant, heldFor],
    );
    return rows.map(({ localDate, most, ...row }) => ({ ...toHold(row), localDate, most }));
  }
}

function isInTheWay(hold: OwnHold, time: ClaimedTime): boolean {
  const { serviceId, resourceId, slot, blocked, localDate, isLimitedPerDay } = time;
  if (isLimitedPerDay && hold.serviceId === serviceId && hold.localDate === localDate) return true;
  // The same time of the same service with another resource is a second place, for somebody else who comes along.
  const isSecondPlace =
    hold.serviceId === serviceId && hold.startsAt.getTime() === slot.start && hold.resourceId !== resourceId;
  return overlaps(hold.blocked, blocked) && !isSecondPlace;
}
