/** Instants between which something was done: epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Somebody's word for what is to be so from now on. */
export interface Claim<Value> extends Span {
  value: Value;
  /**
   * Whether it is sure to have been heard. What is not may count or not: a request without an answer, or what an owner did while it is not
   * said who has the last word.
   */
  isCertain: boolean;
  isOwners: boolean;
}

export interface Time {
  start: number;
  end: number;
}

/** The database rounds to milliseconds where Google cuts off: what is closer together has no order. */
const ROUNDING_MS = 5;

/**
 * What may count in the end: what no certain word came after.
 * @param hearsOwner whether what the owner did in Google is sure to have been heard
 */
export function latest<Value>(claims: readonly Claim<Value>[], hearsOwner: boolean): Value[] {
  const certain = claims.filter(({ isCertain, isOwners }) => isCertain && (hearsOwner || !isOwners));
  return claims
    .filter(({ to }) => !certain.some(({ from }) => from > to + ROUNDING_MS))
    .map(({ value }) => value);
}

export type Status = 'confirmed' | 'cancelled' | 'completed' | 'no_show';

/** How a booking was found when everything had come to rest. */
export interface FoundBooking {
  status: Status;
  /** Whether it was cancelled because its owner has deleted its event. */
  isEndedByOwner: boolean;
  time: Time;
  name: string;
}

/** What everybody did to a booking since it was last looked at while everything was at rest. */
export class BookingHistory {
  times: Claim<Time>[] = [];
  names: Claim<string>[] = [];
  endings: Claim<Status>[] = [];
  /** Our changes keep it, the owner who deletes its event ends it. */
  lives: Claim<boolean>[] = [];
  /** Times that it ever had or was given. */
  readonly allTimes: Time[] = [];
  /** Whether we know of it: its owner may find its event sooner than whoever booked has an answer. */
  isAnswered = false;
  /** Whose name its event has is not known where the owner has given it one. */
  isNamedByOwner = false;
  /** An event of it that was deleted is back: there may be one too many. */
  isBroughtBack = false;
  /** It may have moved to another calendar: an event of it that its owner touches may be the one that is left behind. */
  isPlacedAnew = false;

  constructor(readonly id: string) {}

  made(span: Span, time: Time, name: string): void {
    this.isAnswered = true;
    this.endings.push(certain(span, 'confirmed'));
    this.changed(span, true, { time, name });
  }

  /** What we did, as the answer says; without an answer, what we may have done. */
  changed(span: Span, isCertain: boolean, change: { time?: Time; name?: string; ending?: Status }): void {
    const { time, name, ending } = change;
    const word = { ...span, isCertain, isOwners: false };
    if (time !== undefined) {
      this.times.push({ ...word, value: time });
      this.allTimes.push(time);
    }
    if (name !== undefined) this.names.push({ ...word, value: name });
    if (ending !== undefined) this.endings.push({ ...word, value: ending });
    // Cancelling what its owner has ended already is answered in the same way.
    if (ending !== 'cancelled') this.lives.push({ ...word, value: true });
  }

  movedByOwner(at: number, time: Time, isCertain = true): void {
    this.times.push({ ...this.#owners(at, isCertain), value: time });
    this.allTimes.push(time);
  }

  /** The event was changed in some other way: Google does not tell what of it was changed last, so its time may count as the owner's word. */
  touchedByOwner(at: number, time: Time): void {
    this.movedByOwner(at, time, false);
  }

  deletedByOwner(at: number, isCertain = true): void {
    this.lives.push({ ...this.#owners(at, isCertain), value: false });
    // Where it was put before may never have been heard of: should the booking stand, its event is made anew where that is.
    for (const claim of this.times) claim.isCertain &&= !claim.isOwners;
  }

  broughtBackByOwner(at: number, time: Time): void {
    this.isBroughtBack = true;
    this.lives.push({ ...this.#owners(at, false), value: true });
    this.touchedByOwner(at, time);
  }

  /** From here on everything counts from what was found. */
  settledAs(found: FoundBooking, at: number): void {
    const span = { from: at, to: at };
    this.times = [certain(span, found.time)];
    this.names = [certain(span, found.name)];
    this.endings = [certain(span, found.status)];
    this.lives = [certain(span, !found.isEndedByOwner)];
    this.allTimes.push(found.time);
    this.isAnswered = true;
    this.isPlacedAnew = false;
  }

  #owners(at: number, isCertain = true): Omit<Claim<never>, 'value'> {
    return { from: at, to: at, isCertain: isCertain && !this.isPlacedAnew, isOwners: true };
  }
}

export function isSameTime(one: Time, other: Time): boolean {
  return one.start === other.start && one.end === other.end;
}

function certain<Value>(span: Span, value: Value): Claim<Value> {
  return { ...span, value, isCertain: true, isOwners: false };
}
