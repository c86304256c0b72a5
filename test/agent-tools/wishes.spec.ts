import { addDays, localDateOf, weekdayOf, zonedInstant } from '../../src/booking/engine/zoned-time.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

/* What callers wish for that is no day and time: stretches of days and of the day, the earliest there is. */

const timezone = 'America/New_York';
let service: TestApp;
let tenant: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service, { timezone });
});
afterAll(() => service.close());

interface ToolSlot {
  slot_id: string;
  starts_at: string;
}

interface ToolAnswer {
  ok: boolean;
  say: string;
  code?: string;
  slots?: ToolSlot[];
  alternatives?: ToolSlot[];
  more?: number;
  booking?: { starts_at: string };
}

async function call(tool: string, body: object): Promise<ToolAnswer> {
  const answer = await service.request<ToolAnswer>('POST', `/api/agent-tools/${tool}`, {
    key: tenant.key,
    body,
  });
  return answer.body;
}

/** The coming such day, at least a week ahead. 1 is Monday. */
function coming(weekday: number): string {
  const nextWeek = addDays(localDateOf(Date.now(), timezone), 7);
  return addDays(nextWeek, (weekday - weekdayOf(nextWeek) + 7) % 7);
}

/** As it is said: "Wednesday, January 20". */
function spoken(date: string, locale = 'en-US'): string {
  const format = { weekday: 'long', month: 'long', day: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale, format).format(new Date(date));
}

/** As somebody would name the day of whom nothing is asked back: "January 20". */
function written(date: string): string {
  return new Intl.DateTimeFormat('en-US', { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(
    new Date(date),
  );
}

function startsOf(slots: readonly ToolSlot[] = []): string[] {
  return slots.map(({ starts_at }) => starts_at.slice(0, 16));
}

async function workOn(days: readonly number[], start = '09:00', end = '17:00'): Promise<void> {
  const weekly = days.map((day) => ({ day, start, end }));
  await service.request('PUT', '/api/working-hours', { key: tenant.key, body: { weekly, overrides: [] } });
}

async function changeService(body: object): Promise<void> {
  const { key } = tenant;
  const services = await service.request<{ items: { id: string }[] }>('GET', '/api/services', { key });
  const path = `/api/services/${services.body.items[0]?.id ?? ''}`;
  await service.request('PATCH', path, { key, body });
}

const ana = { name: 'Ana Flores', phone: '(415) 555-0123' };
const monday = coming(1);

describe('several days', () => {
  it('are looked through at once, and what is said is spread over them', async () => {
    const answer = await call('check_availability', { date: `the week of ${written(monday)}` });
    const [friday, wednesday] = [addDays(monday, 4), addDays(monday, 2)];
    expect(answer.say).toBe(
      `I have ${spoken(monday)} at 9 AM, ${spoken(wednesday)} at 12 PM and ${spoken(friday)} at 4 PM, among others.`,
    );
    expect(answer.slots).toHaveLength(40);
  });

  it('keep to the time that was asked for', async () => {
    const [first, second] = [written(monday), written(addDays(monday, 1))];
    const answer = await call('check_availability', { date: `${first} or ${second}`, time: 'after 3' });
    expect(startsOf(answer.slots)).toEqual([
      `${monday}T15:00`,
      `${monday}T16:00`,
      `${addDays(monday, 1)}T15:00`,
      `${addDays(monday, 1)}T16:00`,
    ]);
  });

  it('name what is nearest when they have nothing', async () => {
    await workOn([1]);
    const [tuesday, wednesday] = [addDays(monday, 1), addDays(monday, 2)];
    const answer = await call('check_availability', { date: `${written(tuesday)} to ${written(wednesday)}` });
    expect(answer.say).toBe(
      `I have nothing free on ${spoken(tuesday)} or ${spoken(wednesday)}. ` +
        `I could offer ${spoken(addDays(monday, 7))} at 9 AM, 12 PM and 4 PM.`,
    );
  });

  it('are asked about when a time is to be booked', async () => {
    const answer = await call('create_booking', { ...ana, date: `the week of ${written(monday)}` });
    expect(answer).toMatchObject({ ok: false, code: 'missing_information' });
    expect(answer.say).toMatch(/^I have .*, among others\. Which time would you like\?$/);
  });

  it('give the agent what was said of them, however many times there are', async () => {
    await service.request('PUT', '/api/working-hours', {
      key: tenant.key,
      body: {
        weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' })),
        overrides: [],
      },
    });
    const answer = await call('check_availability', { date: `the week of ${written(monday)}` });
    expect(answer.slots).toHaveLength(50);
    expect(answer.more).toBe(7 * 24 - 50);
    expect(startsOf(answer.slots)).toEqual(
      expect.arrayContaining([`${monday}T00:00`, `${addDays(monday, 6)}T23:00`]),
    );
  });
});

describe('days with times of their own', () => {
  it('are each looked through for theirs', async () => {
    const [tuesday, wednesday] = [addDays(monday, 1), addDays(monday, 2)];
    const date = `${written(tuesday)} after 3 or ${written(wednesday)} before 11`;
    const answer = await call('check_availability', { date });
    expect(startsOf(answer.slots)).toEqual([
      ...[`${tuesday}T15:00`, `${tuesday}T16:00`],
      ...[`${wednesday}T09:00`, `${wednesday}T10:00`],
    ]);
    const asked = await call('create_booking', { ...ana, date });
    expect(asked).toMatchObject({ ok: false, code: 'missing_information' });
    expect(asked.say).toMatch(/ Which time would you like\?$/);
  });

  it('may be months apart', async () => {
    const far = addDays(monday, 14 * 7);
    const answer = await call('check_availability', {
      date: `${written(monday)} at 10 AM or ${written(far)} at 11 AM`,
    });
    expect(startsOf(answer.slots)).toEqual([`${monday}T10:00`, `${far}T11:00`]);
  });
});

describe('a time beside the id of another', () => {
  it('is asked about rather than booked', async () => {
    const { slots } = await call('check_availability', { date: monday });
    const [nine] = slots ?? [];
    const tuesday = addDays(monday, 1);
    const book = (said: object) => call('create_booking', { ...ana, slot_id: nine?.slot_id, ...said });
    expect(await book({ time: '10 AM' })).toMatchObject({
      code: 'unclear_time',
      say: 'Do you mean 9 AM or 10 AM?',
    });
    expect(await book({ date: tuesday })).toMatchObject({
      code: 'unclear_date',
      say: `Do you mean ${spoken(monday)} or ${spoken(tuesday)}?`,
    });
    expect(await book({ date: monday, time: '9', time_preference: 'whatever' })).toMatchObject({ ok: true });
  });
});

describe('a stretch of the day', () => {
  it.each([
    ['between 2 and 4', ['14:00', '15:00']],
    ['any time after 3', ['15:00', '16:00']],
    ['before noon', ['09:00', '10:00', '11:00']],
    ['3 or later', ['15:00', '16:00']],
  ])('%j is kept to', async (time, times) => {
    const { slots } = await call('check_availability', { date: monday, time });
    expect(startsOf(slots)).toEqual(times.map((start) => `${monday}T${start}`));
  });

  it('that has nothing is named, with what is nearest to it on the same day', async () => {
    const answer = await call('check_availability', { date: monday, time: 'after 5 pm' });
    expect(answer.say).toBe(
      `I have nothing free on ${spoken(monday)} from 5 PM on, but I have 2 PM, 3 PM and 4 PM that day.`,
    );
  });

  it('is asked about when a time is to be booked, with what is free in it', async () => {
    const answer = await call('create_booking', { ...ana, date: monday, time: 'between 2 and 4' });
    expect(answer).toMatchObject({
      ok: false,
      say: `On ${spoken(monday)} I have 2 PM and 3 PM. Which time would you like?`,
    });
  });

  it('"2ish" is 2 where that is free, and what is nearest where it is not', async () => {
    expect((await call('check_availability', { date: monday, time: '2ish' })).say).toMatch(
      /at 2 PM is free\.$/,
    );
    await call('create_booking', { ...ana, date: monday, time: '14:00' });
    expect((await call('check_availability', { date: monday, time: '2ish' })).say).toMatch(
      /isn't free, but I have 12 PM, 1 PM and 3 PM that day\.$/,
    );
  });
});

describe('the earliest there is', () => {
  it('needs no day', async () => {
    await workOn([1, 2, 3, 4, 5, 6, 7]);
    const answer = await call('check_availability', { date: 'as soon as possible' });
    expect(answer.say).toMatch(/^The earliest I have is \w+day, \w+ \d+ at \d+ [AP]M, then .*\.$/);
    expect(startsOf(answer.slots)).toEqual(startsOf(answer.slots).toSorted());
  });

  it('of a day is what it begins with', async () => {
    const answer = await call('check_availability', { date: `first thing ${written(monday)}` });
    expect(answer.say).toBe(`The earliest I have is ${spoken(monday)} at 9 AM, then 10 AM and 11 AM.`);
  });
});

describe('a time in a night in which the clocks change', () => {
  const nights = Array.from({ length: 366 }, (_, n) => addDays(localDateOf(Date.now(), timezone), n + 1));
  const nightWith = (time: string, count: number) =>
    nights.find((night) => zonedInstant(night, time, timezone).instants.length === count) ?? '';

  beforeEach(async () => {
    await workOn([1, 2, 3, 4, 5, 6, 7], '00:00', '24:00');
    await changeService({ maxAdvanceDays: 400, slotStepMinutes: 30 });
  });

  it('is said not to be there where they skip it', async () => {
    const night = nightWith('02:30', 0);
    const answer = await call('check_availability', { date: night, time: '02:30' });
    expect(answer.say).toMatch(/^The clocks change on .* so there is no 2:30 AM that day\. Which other/);
  });

  it('is said once where they go through it twice', async () => {
    const night = nightWith('01:30', 2);
    const answer = await call('check_availability', { date: night, time: '01:30' });
    expect(answer.say).toMatch(/^Yes, .* at 1:30 AM is free\.$/);
  });
});

describe('a time that can be either half of the day', () => {
  it('is the one that is offered, said in full', async () => {
    await workOn([1, 2, 3, 4, 5], '12:00', '21:00');
    const answer = await call('create_booking', { ...ana, date: monday, time: '7' });
    expect(answer.say).toContain(`${spoken(monday)} at 7 PM`);
  });
});

describe('a caller who speaks Spanish', () => {
  beforeEach(async () => {
    await service.database.query("UPDATE tenant SET locale = 'es-US' WHERE id = $1", [tenant.id]);
  });

  it('is understood and answered in Spanish', async () => {
    const day = new Intl.DateTimeFormat('es', { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(
      new Date(monday),
    );
    const answer = await call('check_availability', { date: `el ${day} a las dos y media de la tarde` });
    expect(answer.say).toContain(spoken(monday, 'es-US').replace(',', ''));
    const booked = await call('create_booking', {
      date: `el ${day}`,
      time: 'a las tres de la tarde',
      name: 'Me llamo Ana Flores',
      phone: 'cuatro uno cinco, cinco cinco cinco, cero uno dos tres',
      email: 'ana arroba ejemplo punto com',
    });
    expect(booked).toMatchObject({ ok: true });
    expect(booked.booking?.starts_at).toContain(`${monday}T15:00`);
  });

  it('names the morning by the word for tomorrow where a part of the day is asked for', async () => {
    const answer = await call('check_availability', { date: monday, time_preference: 'mañana' });
    expect(startsOf(answer.slots)).toEqual([`${monday}T09:00`, `${monday}T10:00`, `${monday}T11:00`]);
  });
});

describe('a limit that leaves the half of the day open', () => {
  const days = [1, 2, 3, 4, 5];
  const date = written(monday);

  it('is asked about where nothing that is offered tells it', async () => {
    await workOn(days, '09:00', '18:00');
    for (const time of ['after seven', 'before 7', 'between 7 and 8']) {
      const answer = await call('check_availability', { date, time });
      expect(answer.say).toBe('Do you mean 7 AM or 7 PM?');
      expect(answer.code).toBe('unclear_time');
    }
    const later = await call('check_availability', { date, time: 'after 7 PM' });
    expect(later.say).toBe(
      `I have nothing free on ${spoken(monday)} from 7 PM on, but I have 3 PM, 4 PM and 5 PM that day.`,
    );
  });

  it('is asked about where both halves have some', async () => {
    await workOn(days, '06:00', '22:00');
    const answer = await call('check_availability', { date, time: 'after seven' });
    expect(answer.say).toBe('Do you mean 7 AM or 7 PM?');
    const booking = await call('create_booking', { date, time: 'after seven', ...ana });
    expect(booking.say).toBe('Do you mean 7 AM or 7 PM?');
  });

  it('is in the half in which something is offered', async () => {
    await workOn(days, '09:00', '21:00');
    const evening = await call('check_availability', { date, time: 'after seven' });
    expect(startsOf(evening.slots)).toEqual([`${monday}T19:00`, `${monday}T20:00`]);
    const morning = await call('check_availability', { date, time: 'before 11' });
    expect(startsOf(morning.slots)).toEqual([`${monday}T09:00`, `${monday}T10:00`]);
    const fromOpening = await call('check_availability', { date, time: 'from 9 on' });
    expect(fromOpening.slots).toHaveLength(12);
  });
});

describe('the latest time that will do', () => {
  it('is itself offered', async () => {
    const date = written(monday);
    const three = `${monday}T15:00`;
    for (const time of ['3 at the latest', 'by 3', 'no later than 3 PM']) {
      const { slots } = await call('check_availability', { date, time });
      expect(startsOf(slots).at(-1)).toBe(three);
    }
    const { slots } = await call('check_availability', { date, time: 'before 3' });
    expect(startsOf(slots)).not.toContain(three);
  });

  it('is said back', async () => {
    const answer = await call('check_availability', { date: written(monday), time: 'by 8 AM' });
    expect(answer.say).toBe(
      `I have nothing free on ${spoken(monday)} by 8 AM, but I have 9 AM, 10 AM and 11 AM that day.`,
    );
  });
});

describe('a part of the day beside a limit', () => {
  it('does not leave out what the limit asks for', async () => {
    await workOn([1], '09:00', '19:00');
    const date = written(monday);
    const answer = await call('check_availability', {
      date,
      time: 'after 5 PM',
      time_preference: 'afternoon',
    });
    expect(answer.say).toBe(`On ${spoken(monday)} I have 5 PM and 6 PM.`);
  });
});

describe('a night', () => {
  it('goes on into the next date', async () => {
    await workOn([1, 2, 3, 4, 5, 6, 7], '00:00', '24:00');
    const tuesday = addDays(monday, 1);
    const answer = await call('check_availability', {
      date: `the night of ${written(monday)}`,
      time: '1 AM',
    });
    expect(answer.say).toBe(`Yes, ${spoken(tuesday)} at 1 AM is free.`);
    const booked = await call('create_booking', { date: `${written(monday)} at midnight`, ...ana });
    expect(booked.booking?.starts_at.slice(0, 16)).toBe(`${tuesday}T00:00`);
  });
});

describe('the afternoon, said in Spanish', () => {
  it('goes on until the evening', async () => {
    await service.database.query("UPDATE tenant SET locale = 'es-ES' WHERE id = $1", [tenant.id]);
    await workOn([1], '16:00', '22:00');
    const afternoon = await call('check_availability', { date: monday, time_preference: 'afternoon' });
    expect(startsOf(afternoon.slots).at(-1)).toBe(`${monday}T19:00`);
    const evening = await call('check_availability', { date: monday, time: 'por la noche' });
    expect(startsOf(evening.slots)).toEqual([`${monday}T20:00`, `${monday}T21:00`]);
  });
});
