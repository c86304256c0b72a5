import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { ConflictPage, ConflictView } from '../../src/booking/conflicts/conflicts.service.js';
import type { HoldView } from '../../src/booking/hold.js';
import type { BookingHistory, Span, Status, Time } from './random-history.js';
import type { Random } from './random-numbers.js';
import { type Heard, type Organisation, someDate, someStart, type World } from './random-world.js';

/** Something that somebody does. @returns whether it changed anything */
export interface Doing {
  name: string;
  weight: number;
  /** As a rule done to one of the organisations. */
  do: (world: World, random: Random) => Promise<boolean> | boolean;
}

/** What is done through the service's own routes. */
export const OURS: readonly Doing[] = [
  { name: 'book', weight: 22, do: book },
  { name: 'reschedule', weight: 14, do: reschedule },
  { name: 'edit', weight: 7, do: edit },
  { name: 'cancel', weight: 6, do: cancel },
  { name: 'complete', weight: 1.5, do: conclude },
  { name: 'hold', weight: 4, do: hold },
  { name: 'book a hold', weight: 2, do: bookHold },
  { name: 'move to a hold', weight: 1.5, do: moveToHold },
  { name: 'release a hold', weight: 1, do: releaseHold },
  { name: 'resolve a conflict', weight: 4, do: resolve },
];

async function book(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const startsAt = await aStart(world, organisation, random);
  const resourceId = random.chance(0.3) ? random.pick(organisation.resources).id : undefined;
  return make(world, organisation, { startsAt, resourceId });
}

async function bookHold(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const holdId = takeHold(organisation, random);
  return holdId === undefined ? false : make(world, organisation, { holdId });
}

async function make(world: World, organisation: Organisation, asked: object): Promise<boolean> {
  const phone = `+1415555${String(world.next()).padStart(4, '0')}`;
  const name = `Guest ${world.next()}`;
  const from = Date.now();
  const answer = await world.ask<BookingView>(organisation.key, 'POST', '/api/bookings', {
    ...asked,
    name,
    phone,
  });
  const span = { from, to: Date.now() };
  if (isUnknown(answer)) organisation.perhaps.add(phone);
  if (answer?.status !== 201) return refused(world, 'book', answer, [404, 409, 422]);
  const { id, startsAt, endsAt } = answer.body;
  const time = timeOf(startsAt, endsAt);
  refuseKnown(world, organisation, answer.body.resourceId, time, `booking ${id}`);
  world.historyOf(organisation, id).made(span, time, name);
  return true;
}

async function hold(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const startsAt = await aStart(world, organisation, random);
  const ttlSeconds = random.pick([1, 900]);
  const answer = await world.ask<HoldView>(organisation.key, 'POST', '/api/holds', { startsAt, ttlSeconds });
  if (answer?.status !== 201) return refused(world, 'hold', answer, [409, 422]);
  const { id, resourceId, startsAt: start, endsAt } = answer.body;
  refuseKnown(world, organisation, resourceId, timeOf(start, endsAt), `hold ${id}`);
  organisation.holds.push(id);
  return true;
}

async function releaseHold(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const id = takeHold(organisation, random);
  if (id === undefined) return false;
  const answer = await world.ask(organisation.key, 'DELETE', `/api/holds/${id}`);
  return answer?.status === 204 || refused(world, 'release', answer, []);
}

async function reschedule(world: World, random: Random): Promise<boolean> {
  const chosen = aBooking(world, random);
  if (chosen === undefined) return false;
  const { organisation, booking } = chosen;
  const back = random.chance(0.15) ? random.any(booking.allTimes) : undefined;
  const startsAt =
    back === undefined ? await aStart(world, organisation, random) : new Date(back.start).toISOString();
  const resourceId = random.chance(0.2) ? random.pick(organisation.resources).id : undefined;
  return move(world, organisation, booking, { startsAt, resourceId });
}

async function moveToHold(world: World, random: Random): Promise<boolean> {
  const chosen = aBooking(world, random);
  if (chosen === undefined) return false;
  const holdId = takeHold(chosen.organisation, random);
  if (holdId === undefined) return false;
  return move(world, chosen.organisation, chosen.booking, { holdId });
}

async function move(
  world: World,
  organisation: Organisation,
  booking: BookingHistory,
  to: { startsAt?: string; resourceId?: string; holdId?: string },
): Promise<boolean> {
  const before = [...booking.allTimes];
  const from = Date.now();
  // Events of different resources may be in different calendars.
  if (organisation.resources.length > 1) booking.isPlacedAnew = true;
  const path = `/api/bookings/${booking.id}/reschedule`;
  const answer = await world.ask<BookingView>(organisation.key, 'POST', path, to);
  const span = { from, to: Date.now() };
  if (isUnknown(answer) && to.startsAt !== undefined) {
    const start = Date.parse(to.startsAt);
    const lengths = new Set(booking.allTimes.map((time) => time.end - time.start));
    for (const length of lengths) booking.changed(span, false, { time: { start, end: start + length } });
  }
  if (answer?.status !== 200) return refused(world, 'reschedule', answer, [404, 409, 422]);
  const time = timeOf(answer.body.startsAt, answer.body.endsAt);
  // Where it was already, nothing was changed: then what the owner did before still counts.
  const isSure = !before.some((one) => one.start === time.start);
  booking.changed(span, isSure, { time });
  if (isSure) refuseKnown(world, organisation, answer.body.resourceId, time, `booking ${booking.id}`);
  return true;
}

async function edit(world: World, random: Random): Promise<boolean> {
  const chosen = aBooking(world, random);
  if (chosen === undefined) return false;
  const { organisation, booking } = chosen;
  const name = `Guest ${world.next()}`;
  const from = Date.now();
  const answer = await world.ask(organisation.key, 'PATCH', `/api/bookings/${booking.id}`, { name });
  if (isUnknown(answer)) booking.changed({ from, to: Date.now() }, false, { name });
  if (answer?.status !== 200) return refused(world, 'edit', answer, [422]);
  booking.changed({ from, to: Date.now() }, true, { name });
  return true;
}

async function cancel(world: World, random: Random): Promise<boolean> {
  return end(world, random, 'cancel', 'cancelled');
}

async function conclude(world: World, random: Random): Promise<boolean> {
  return random.chance(0.8)
    ? end(world, random, 'complete', 'completed')
    : end(world, random, 'no-show', 'no_show');
}

async function end(world: World, random: Random, how: string, ending: Status): Promise<boolean> {
  const chosen = aBooking(world, random);
  if (chosen === undefined) return false;
  const { organisation, booking } = chosen;
  const from = Date.now();
  const answer = await world.ask(organisation.key, 'POST', `/api/bookings/${booking.id}/${how}`, {});
  if (isUnknown(answer)) booking.changed({ from, to: Date.now() }, false, { ending });
  if (answer?.status !== 200) return refused(world, how, answer, [422]);
  booking.changed({ from, to: Date.now() }, true, { ending });
  return true;
}

async function resolve(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const open = await world.ask<ConflictPage>(organisation.key, 'GET', '/api/conflicts?limit=200');
  const conflict = open?.status === 200 ? random.any(open.body.items) : undefined;
  const booking = conflict && organisation.bookings.get(conflict.booking.id);
  if (booking === undefined) return false;
  const action = random.pick(conflict!.actions);
  const from = Date.now();
  const path = `/api/conflicts/${conflict!.id}/resolve`;
  const answer = await world.ask<ConflictView>(organisation.key, 'POST', path, { action });
  const span: Span = { from, to: Date.now() };
  const isKnown = answer?.status === 200;
  // Conflicts of an account that is being disconnected go with it, also while they are being decided.
  const isDone = isKnown || isUnknown(answer) || answer?.status === 404;
  if (action === 'cancel_booking' && isDone) booking.changed(span, isKnown, { ending: 'cancelled' });
  if (action === 'keep_booking' || action === 'accept_event') {
    const said = isKnown ? answer.body : conflict!;
    const { startsAt, endsAt } = action === 'accept_event' ? said.event : said.booking;
    // Whose word it is that a booking stays where it is can only be told where nobody else says anything.
    const isSure = isKnown && action === 'accept_event' && answer.body.resolution === 'event_accepted';
    if (isDone && startsAt !== null && endsAt !== null)
      booking.changed(span, isSure, { time: timeOf(startsAt, endsAt) });
  }
  return isKnown || refused(world, 'resolve', answer, [400, 404, 409, 422]);
}

function aBooking(
  world: World,
  random: Random,
): { organisation: Organisation; booking: BookingHistory } | undefined {
  const organisation = random.pick(world.organisations);
  // As a rule one of which something may still come.
  const known = [...organisation.bookings.values()].filter(({ isAnswered }) => isAnswered);
  const alive = known.filter(({ endings }) => endings.at(-1)?.value === 'confirmed');
  const booking = random.any(random.chance(0.95) ? alive : known);
  return booking === undefined ? undefined : { organisation, booking };
}

function takeHold(organisation: Organisation, random: Random): string | undefined {
  const [id] = organisation.holds.splice(random.below(organisation.holds.length), 1);
  return id;
}

/** A time that is offered, or any. */
async function aStart(world: World, organisation: Organisation, random: Random): Promise<string> {
  const any = new Date(someStart(random)).toISOString();
  if (random.chance(0.4)) return any;
  const path = `/api/availability?date=${someDate(random)}`;
  const answer = await world.ask<Availability>(organisation.key, 'GET', path);
  if (answer?.status !== 200) return any;
  return random.any(answer.body.slots)?.startsAt ?? any;
}

export function timeOf(startsAt: string, endsAt: string): Time {
  return { start: Date.parse(startsAt), end: Date.parse(endsAt) };
}

/** Nobody knows whether it was done. */
function isUnknown(answer: Heard<unknown>): boolean {
  return answer === null || answer.status >= 500;
}

function refused(world: World, what: string, answer: Heard<unknown>, usual: readonly number[]): false {
  if (answer !== null && answer.status !== 503 && !usual.includes(answer.status))
    world.problems.push(`${what} was answered ${JSON.stringify(answer)}`);
  return false;
}

/** What was there when everything was at rest, and has been ever since, is known: nothing is booked over it. */
function refuseKnown(
  world: World,
  organisation: Organisation,
  resourceId: string,
  time: Time,
  what: string,
): void {
  const known = organisation.isDisturbed ? undefined : world.known.get(`${organisation.id} ${resourceId}`);
  for (const [key, there] of known ?? []) {
    if (world.touched.has(key) || there.start >= time.end || there.end <= time.start) continue;
    world.problems.push(
      `${what} of ${organisation.id} was made over the event ${key}, which had long been there`,
    );
  }
}
