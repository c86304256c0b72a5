import type { TestApp, TestTenant } from '../../support/test-app.js';
import { upcoming } from '../../support/dates.js';

/** What a tool answered, whatever the platform makes of it on the way. */
export interface Said {
  ok: boolean;
  say: string;
  [field: string]: unknown;
}

/** Calls tools as one platform does, in one conversation with a caller at `CALLER`, and reads its answers as that platform does. */
export interface Platform {
  call(tool: string, args: Record<string, string>): Promise<Said>;
}

/** A platform that tells when the caller has hung up. */
export interface TellingPlatform extends Platform {
  hangUp(): Promise<void>;
}

/** Whom every conversation is with. */
export const CALLER = '+14155550123';
/** The number that was called. */
export const DIALLED = '+14155550100';

interface Slot {
  slot_id: string;
  starts_at: string;
  label: string;
}

interface Booking {
  id: string;
  reference: string;
  starts_at: string;
}

/**
 * A whole conversation: the caller asks for times, has one held, books it, asks about it, moves it and cancels it. What is said
 * is heard here; what came of it is looked up over REST.
 */
export async function converse(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  platform: Platform,
): Promise<void> {
  const day = upcoming(3);
  const freeStarts = async () => {
    const { body } = await request<{ slots: { startsAt: string }[] }>(
      'GET',
      `/api/availability?date=${day}`,
      {
        key,
      },
    );
    return body.slots.map(({ startsAt }) => Date.parse(startsAt));
  };
  const stored = async (id: string) => {
    const { status, body } = await request<{ status: string; startsAt: string; name: string; phone: string }>(
      'GET',
      `/api/bookings/${id}`,
      { key },
    );
    expect(status).toBe(200);
    return { ...body, start: Date.parse(body.startsAt) };
  };

  const offered = await platform.call('check_availability', { date: day });
  expect(offered).toMatchObject({ ok: true });
  expect(offered.say).toContain(spoken(day));
  const slots = offered['slots'] as [Slot, Slot];
  const [first, second] = slots;
  const [firstStart, secondStart] = [Date.parse(first.starts_at), Date.parse(second.starts_at)];
  expect(await freeStarts()).toEqual(expect.arrayContaining([firstStart, secondStart]));

  const held = await platform.call('hold_slot', { slot_id: first.slot_id });
  expect(held).toMatchObject({ ok: true });
  expect(held.say).toMatch(/\S/);
  expect(await freeStarts()).not.toContain(firstStart);

  const booked = await platform.call('create_booking', {
    slot_id: first.slot_id,
    name: 'Ana Flores',
    phone: CALLER,
  });
  expect(booked).toMatchObject({ ok: true });
  expect(booked.say).toContain(spoken(day));
  expect(booked.say).toContain('Ana Flores');
  const { id, reference } = booked['booking'] as Booking;
  expect(await stored(id)).toMatchObject({
    status: 'confirmed',
    start: firstStart,
    name: 'Ana Flores',
    phone: CALLER,
  });

  // By the number that the platform reports, and nothing else.
  const found = await platform.call('find_booking', {});
  expect(found).toMatchObject({ ok: true });
  expect(found.say).toContain(spoken(day));

  const moved = await platform.call('reschedule_booking', { reference, slot_id: second.slot_id });
  expect(moved).toMatchObject({ ok: true });
  expect(moved.say).toContain(spoken(day));
  expect(await stored(id)).toMatchObject({ status: 'confirmed', start: secondStart });
  expect(await freeStarts()).toContain(firstStart);

  const cancelled = await platform.call('cancel_booking', { reference });
  expect(cancelled).toMatchObject({ ok: true });
  expect(cancelled.say).toMatch(/cancel/i);
  expect(await stored(id)).toMatchObject({ status: 'cancelled' });
  expect(await freeStarts()).toEqual(expect.arrayContaining([firstStart, secondStart]));
}

/**
 * The same booking five times at once and once more later, as a model asks for it that hears nothing or is interrupted: there is
 * one booking, and each time the same confirmation.
 */
export async function bookAgainAndAgain(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  platform: Platform,
): Promise<void> {
  const book = () =>
    platform.call('create_booking', {
      date: upcoming(4),
      time: '10:00',
      name: 'Ben Ortiz',
      phone: '+14155550187',
    });
  const answers = await Promise.all([book(), book(), book(), book(), book()]);
  answers.push(await book());
  const [first] = answers;
  expect(first).toMatchObject({ ok: true, say: expect.stringContaining('Ben Ortiz') as string });
  for (const { ok, say, booking } of answers) {
    expect({ ok, say, id: (booking as Booking).id }).toEqual({
      ok: true,
      say: first.say,
      id: (first['booking'] as Booking).id,
    });
  }
  const { body } = await request<{ items: unknown[] }>('GET', '/api/bookings?phone=%2B14155550187', { key });
  expect(body.items).toHaveLength(1);
}

/** What a caller had held is free for others as soon as the platform tells that they have hung up. */
export async function hangUpWhileHolding(
  { request }: Pick<TestApp, 'request'>,
  { key }: Pick<TestTenant, 'key'>,
  platform: TellingPlatform,
): Promise<void> {
  const day = upcoming(3);
  const isFree = async (start: string) => {
    const { body } = await request<{ slots: { startsAt: string }[] }>(
      'GET',
      `/api/availability?date=${day}`,
      {
        key,
      },
    );
    return body.slots.some(({ startsAt }) => Date.parse(startsAt) === Date.parse(start));
  };
  const { hold } = await platform.call('hold_slot', { date: day, time: '11:00' });
  const { starts_at: start } = hold as Slot;
  expect(await isFree(start)).toBe(false);
  await platform.hangUp();
  expect(await isFree(start)).toBe(true);
}

/** As it is said: "Wednesday, January 20". */
function spoken(date: string): string {
  return new Intl.DateTimeFormat('en-US', {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(date));
}
