import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Settings } from '../platform/config/settings.js';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError, notFound } from '../platform/errors/domain-error.js';
import { type AskedStart, type AskedTime, startAsked } from './asked-start.js';
import { type Asker, askerOf } from './asker.js';
import { AskerLimits } from './asker-limits.js';
import type { Author } from './author.js';
import { newBookingReference } from './booking-reference.js';
import { HoldRepository } from './hold.repository.js';
import { type HeldTime, type HoldView, holdView } from './hold.js';
import { idempotentRequest, type IdempotentRequest, IdempotencyRepository } from './idempotency.js';
import { RefusedTime } from './refused-time.js';
import { TimeClaims } from './time-claims.js';
import type { Seeker } from './availability/availability.repository.js';
import { OwnHolds } from './own-holds.js';
import { type FreeTime, TimeFinder } from './availability/time-finder.js';

export interface HoldRequest extends AskedTime {
  ttlSeconds: number;
}

export interface HoldOptions {
  author: Author;
  idempotencyKey?: string;
  /** Until when the connected calendar may be waited for; default: the whole budget from now on. */
  deadline?: Deadline;
  /** For whom; one of whom it is known has one hold of a time, however often it is asked for. */
  seeker?: Seeker;
  /** Whom it counts for; default: the credential alone. */
  asker?: Asker;
}

/** Keeps times for those who have not decided yet. */
@Injectable()
export class HoldsService {
  constructor(
    private readonly times: TimeFinder,
    private readonly claims: TimeClaims,
    private readonly refusedTime: RefusedTime,
    private readonly holds: HoldRepository,
    private readonly ownHolds: OwnHolds,
    private readonly limits: AskerLimits,
    private readonly idempotency: IdempotencyRepository,
    private readonly settings: Settings,
  ) {}

  /**
   * Holds a time under the same constraint, limits and rules as a booking.
   * @throws DomainError `slot_taken` and `outside_availability` with up to three `alternatives`, `rate_limited` where
   * the number, the credential or the tenant has as many live holds as it may have, `idempotency_key_reused`, `calendar_unreadable`, `not_found`, `invalid_input`
   */
  async create(
    tenant: TenantId,
    request: HoldRequest,
    {
      author,
      idempotencyKey,
      deadline = Deadline.in(this.settings.calendarBudgetMs),
      seeker = {},
      asker = askerOf(tenant, author),
    }: HoldOptions,
  ): Promise<HoldView> {
    const repeat =
      idempotencyKey === undefined
        ? undefined
        : idempotentRequest(idempotencyKey, { ...request, source: author.source, holds: true });
    const first = await this.#firstAnswer(tenant, repeat);
    if (first !== undefined) return first;
    const asked = { ...startAsked(request), ...seeker };
    const { known, time } = await this.times.find(tenant, asked, deadline);
    const held =
      'refused' in time
        ? time
        : await this.claims.transaction(tenant, (sql) =>
            this.#insert(sql, tenant, { ...request, ...asked, time }, { author, asker }, repeat),
          );
    if (held !== 'claimed_by_another' && !('refused' in held)) return held;
    // Nor do the rules refuse what this conversation holds already, such as the notice that was long enough then.
    const own = seeker.heldFor && (await this.ownHolds.find(tenant, seeker.heldFor, asked));
    if (own) return holdView(own, asked.resourceId);
    // What takes the time may be the hold that the first request with this key has made meanwhile.
    const meanwhile = await this.#firstAnswer(tenant, repeat);
    if (meanwhile !== undefined) return meanwhile;
    if (held === 'claimed_by_another') {
      throw new DomainError(
        'conflict',
        'The first request with this Idempotency-Key failed. Repeat the request.',
      );
    }
    throw await this.refusedTime.error(tenant, asked, known, held.refused);
  }

  /** What a hold is, or was, of; undefined for what never was a hold of the tenant, or is too long ago to tell. */
  async timeOf(tenant: TenantId, id: string): Promise<HeldTime | undefined> {
    const found = await this.holds.find(tenant, id);
    return found?.state === 'booked' ? found.booking : found?.hold;
  }

  /**
   * Gives a hold back. Doing it twice is the same as once, and so is giving back one that has run out.
   * @throws DomainError `not_found`; `conflict` for one that has been booked, or that a booking has been moved to
   */
  async release(tenant: TenantId, id: string, author: Author): Promise<void> {
    if (await this.holds.release(tenant, id, author)) return;
    const found = await this.holds.find(tenant, id);
    if (found === undefined) throw notFound('hold');
    if (found.state === 'booked') {
      throw new DomainError('conflict', 'This hold has been booked. Cancel the booking instead.');
    }
    if (found.state === 'used') {
      throw new DomainError(
        'conflict',
        'A booking has been moved to the time of this hold. Change that instead.',
      );
    }
  }

  /** Gives back whatever a conversation still has when it is over. @returns how many holds that were */
  async releaseOf(tenant: TenantId, heldFor: string, author: Author): Promise<number> {
    return this.ownHolds.release(tenant, heldFor, author);
  }

  async #insert(
    sql: SqlTransaction,
    tenant: TenantId,
    { time, ttlSeconds, resourceId, heldFor }: AskedStart & Seeker & { time: FreeTime; ttlSeconds: number },
    { author, asker }: { author: Author; asker: Asker },
    repeat: IdempotentRequest | undefined,
  ): Promise<HoldView | 'claimed_by_another'> {
    const id = randomUUID();
    if (repeat !== undefined && !(await this.idempotency.claim(sql, tenant, repeat, id))) {
      return 'claimed_by_another';
    }
    await this.claims.lockAssignment(sql, tenant);
    const { serviceId, slot, blocked } = time;
    if (heldFor !== undefined) {
      const wanted = { start: slot.start, serviceId, resourceId };
      const own = await this.ownHolds.findIn(sql, tenant, heldFor, wanted);
      if (own !== undefined) return holdView(own, resourceId);
    }
    const place = await this.claims.claim(sql, tenant, time, { heldFor });
    if (heldFor !== undefined) {
      const claimed = { ...time, ...place };
      await this.ownHolds.giveWay(sql, tenant, heldFor, claimed, { author, leavesRoom: true });
    }
    await this.limits.refuseMoreHolds(sql, tenant, asker);
    const reference = newBookingReference();
    const [startsAt, endsAt] = [new Date(slot.start), new Date(slot.end)];
    const made = {
      ...place,
      id,
      reference,
      serviceId,
      startsAt,
      endsAt,
      blocked,
      ttlSeconds,
      heldFor,
      asker,
    };
    const view = holdView(await this.holds.insert(sql, tenant, made, author), resourceId);
    const answer = repeat === undefined ? view : await this.idempotency.answer(sql, tenant, repeat.key, view);
    await this.holds.sweep(sql, tenant);
    return answer;
  }

  async #firstAnswer(tenant: TenantId, repeat: IdempotentRequest | undefined): Promise<HoldView | undefined> {
    if (repeat === undefined) return undefined;
    // A hold's answer is written with it.
    return (await this.idempotency.find<HoldView>(tenant, repeat))?.response ?? undefined;
  }
}
