import { Injectable } from '@nestjs/common';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import type { Asker } from './asker.js';
import type { Author } from './author.js';
import type { Seeker } from './availability/availability.repository.js';
import { type Booking, type BookingCustomer, type Customer, customerOf } from './booking.js';
import { BookingEditor } from './booking-editor.js';
import { BOOKING_COLUMNS } from './booking.repository.js';
import { isMovable } from './booking-status.js';
import { compareNames, isWrittenAlike, type NameComparison } from './same-name.js';

/** A wish by which a booking that was made already may be meant. */
export interface WishedAgain extends Customer {
  /** Epoch milliseconds. */
  start: number;
  serviceId: string;
  resourceId?: string;
}

/** Who says it, and how well they are known. */
export interface WishingOptions {
  author: Author;
  /** The number is not only given, but the one that the platform reports. */
  phoneIsKnown?: boolean;
  /** Nobody said it: it is the number that calls, and corrects none that was given before. */
  phoneIsAssumed?: boolean;
  asker?: Asker;
  seeker?: Seeker;
}

/**
 * The booking that a wish repeats. What the wish says otherwise (name, phone, e-mail, purpose) is a correction: applied, or refused
 * where it is not known well enough whose booking it is.
 */
export interface RepeatedWish {
  booking: Booking;
  correction: 'none' | 'applied' | 'refused';
  /** Where a correction put somebody else's name in its place. */
  nameBefore?: string;
}

/** The booking that was meant is cancelled or over since it was found: the wish has to be read anew, and finds it no more. */
export class MeantBookingLost extends Error {}

type Candidate = Booking & {
  made: {
    /** By this conversation. */
    here: boolean;
    /** By this credential, where nothing tells its conversations apart. */
    byCredential: boolean;
    withinHalfAnHour: boolean;
    withinTheHour: boolean;
  };
};

/** $1 the tenant, $2 conversation, $3 credential. */
const CANDIDATE_COLUMNS = `${BOOKING_COLUMNS}, json_build_object(
  'here', coalesce(asked_in = $2, false),
  'byCredential', $2::text IS NULL AND asked_in IS NULL AND coalesce(asked_by = $3, false),
  'withinHalfAnHour', created_at > now() - interval '30 minutes',
  'withinTheHour', created_at > now() - interval '1 hour') AS made`;

/**
 * Tells a wish that is repeated from that of another person. Voice agents say things twice, under a new tool-call id each time,
 * and with what was corrected meanwhile; and two people may share a phone. So two wishes are one where name, service and time agree,
 * and where the same conversation says them again with the name spelled otherwise.
 */
@Injectable()
export class RepeatedWishes {
  constructor(private readonly editor: BookingEditor) {}

  /**
   * The booking that this wish repeats, corrected by it. Whoever wishes for the same time of that service at this moment waits until
   * the transaction ends, so that of two requests that say the same only one books.
   *
   * Who gives a name and a number that are not known to be theirs is told of a booking for an hour after it was made: whoever knows
   * both could find somebody's booking otherwise, by wishing for one time after the other.
   */
  async find(
    sql: SqlTransaction,
    tenant: TenantId,
    wish: WishedAgain,
    options: WishingOptions,
  ): Promise<RepeatedWish | undefined> {
    const { phoneIsKnown = false, asker, seeker } = options;
    const startsAt = new Date(wish.start);
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `same wish ${tenant} ${startsAt.toISOString()} ${wish.serviceId}`,
    ]);
    const candidates = await sql.query<Candidate>(
      `SELECT ${CANDIDATE_COLUMNS} FROM booking
       WHERE tenant_id = $1 AND starts_at = $4 AND service_id = $5 AND status IN ('pending', 'confirmed')
         AND ($6::uuid IS NULL OR resource_id = $6) AND ($7::uuid[] IS NULL OR resource_id = ANY ($7))
         AND (phone = $8 OR asked_in = $2)
       ORDER BY created_at, id LIMIT 50`,
      [
        ...[tenant, asker?.conversation ?? null, asker?.credential ?? null],
        ...[startsAt, wish.serviceId, wish.resourceId ?? null, seeker?.withinResourceIds ?? null, wish.phone],
      ],
    );
    const isTheirs = ({ phone }: Candidate) => phoneIsKnown && phone === wish.phone;
    const isSaidAgain = (each: Candidate) =>
      (each.made.here && each.made.withinHalfAnHour) ||
      isTheirs(each) ||
      (each.phone === wish.phone && each.made.withinTheHour);
    const isSpelledAgain = (each: Candidate) =>
      (each.made.here && each.made.withinHalfAnHour) || (isTheirs(each) && each.made.withinTheHour);
    const named = (names: NameComparison) =>
      candidates.filter(({ customerName }) => compareNames(customerName, wish.name) === names);
    const found = named('same').find(isSaidAgain) ?? named('respelled').find(isSpelledAgain);
    if (found === undefined) return undefined;
    const { here, byCredential, withinHalfAnHour } = found.made;
    const mayCorrect = here || isTheirs(found) || (byCredential && withinHalfAnHour);
    return this.#corrected(sql, tenant, found, wish, options, mayCorrect);
  }

  /**
   * The booking that took the time of a hold which is booked again. Only for the number that it was booked for, and in the
   * conversation that booked it.
   * @param names how the name may differ. A hold that was booked is one appointment, so another name corrects it
   */
  async ofHold(
    sql: SqlTransaction,
    tenant: TenantId,
    bookingId: string,
    wish: Customer,
    { names, ...options }: WishingOptions & { names: readonly NameComparison[] },
  ): Promise<RepeatedWish | undefined> {
    const { asker, seeker } = options;
    const [found] = await sql.query<Candidate>(
      `SELECT ${CANDIDATE_COLUMNS} FROM booking
       WHERE tenant_id = $1 AND id = $4 AND status NOT IN ('held', 'cancelled')
         AND ($5::uuid[] IS NULL OR resource_id = ANY ($5)) AND (phone = $6 OR asked_in = $2)`,
      [
        ...[tenant, asker?.conversation ?? null, asker?.credential ?? null],
        ...[bookingId, seeker?.withinResourceIds ?? null, wish.phone],
      ],
    );
    if (found === undefined || !names.includes(compareNames(found.customerName, wish.name))) return undefined;
    return this.#corrected(sql, tenant, found, wish, options, true);
  }

  async #corrected(
    sql: SqlTransaction,
    tenant: TenantId,
    { made: _made, ...booking }: Candidate,
    wish: Customer,
    { author, phoneIsAssumed = false }: WishingOptions,
    mayCorrect: boolean,
  ): Promise<RepeatedWish> {
    const corrections = correctionsOf(booking, phoneIsAssumed ? withPhoneOf(booking, wish) : wish);
    if (Object.keys(corrections).length === 0) return { booking, correction: 'none' };
    if (!mayCorrect || !isMovable(booking.status)) return { booking, correction: 'refused' };
    const edited = await this.editor
      .editIn(sql, tenant, booking.id, corrections, author)
      .catch((error: unknown) => {
        if (error instanceof DomainError && error.code === 'booking_not_changeable')
          throw new MeantBookingLost();
        throw error;
      });
    const isRenamed =
      corrections.name !== undefined && compareNames(corrections.name, booking.customerName) === 'other';
    return {
      booking: edited.booking,
      correction: edited.edited ? 'applied' : 'none',
      ...(isRenamed ? { nameBefore: booking.customerName } : {}),
    };
  }
}

/** A number that nobody said corrects none; an extension said with it holds for that number only. */
function withPhoneOf({ phone }: Booking, wish: Customer): Customer {
  return { ...wish, phone, phoneExtension: wish.phone === phone ? wish.phoneExtension : undefined };
}

/** What a wish says otherwise than the booking; what it leaves out stays. */
function correctionsOf(booking: Booking, wish: Customer): Partial<BookingCustomer> {
  const before = customerOf(booking);
  const { name, phone, phoneExtension, email, purpose } = wish;
  return {
    ...(isWrittenAlike(name, before.name) ? {} : { name }),
    ...(phone === before.phone ? {} : { phone }),
    ...(phoneExtension === undefined || phoneExtension === before.phoneExtension ? {} : { phoneExtension }),
    ...(email === undefined || email.toLowerCase() === before.email?.toLowerCase() ? {} : { email }),
    ...(purpose === undefined || purpose === before.purpose ? {} : { purpose }),
  };
}
