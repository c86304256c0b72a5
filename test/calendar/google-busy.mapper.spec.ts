import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { isCalendarError } from '../../src/calendar/calendar-error.js';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { fromGoogleBusy, fromGoogleEventPage } from '../../src/calendar/google/google-busy.mapper.js';

type GoogleEvent = calendar_v3.Schema$Event;

const HOUR = 3_600_000;
const bookingId = '0b6f6e42-1b4d-4c48-9d52-8b2a7b83c9d1';
const atNine: GoogleEvent = {
  id: 'at-nine',
  start: { dateTime: '2026-01-21T09:00:00-05:00' },
  end: { dateTime: '2026-01-21T15:30:00Z' },
};
const page = (items: unknown, timeZone = 'America/New_York') =>
  fromGoogleEventPage({ kind: 'calendar#events', timeZone, items: items as GoogleEvent[] });
const busyIn = (event: GoogleEvent, timeZone?: string) =>
  page([{ id: 'some-id', ...event }], timeZone).events.flatMap(({ blocks, time }) =>
    blocks && time !== null ? [[iso(time.start), iso(time.end)]] : [],
  );
/** @returns why a page cannot be read; nothing else is ever thrown */
const unreadable = (read: () => unknown) => {
  try {
    read();
    return null;
  } catch (error) {
    if (!isCalendarError(error, 'unavailable')) throw error;
    return error.reason;
  }
};
const iso = (at: number) => new Date(at).toISOString().replace(':00.000Z', 'Z');

describe('what blocks of the events in a calendar', () => {
  it('is an event at its instants, whatever offset they are written with', () => {
    expect(busyIn(atNine)).toEqual([['2026-01-21T14:00Z', '2026-01-21T15:30Z']]);
  });

  it.each<[string, GoogleEvent]>([
    ['that is confirmed', { status: 'confirmed' }],
    ['that is tentative', { status: 'tentative' }],
    ['that says it is opaque', { transparency: 'opaque' }],
    ['of the default kind', { eventType: 'default' }],
    ['that says its owner is out of office', { eventType: 'outOfOffice' }],
    ['that is focus time', { eventType: 'focusTime' }],
    ['from Gmail', { eventType: 'fromGmail' }],
    ['of a kind that is not known yet', { eventType: 'holodeck' }],
    ['that its owner has accepted', { attendees: [{ self: true, responseStatus: 'accepted' }] }],
    ['that its owner has not answered', { attendees: [{ self: true, responseStatus: 'needsAction' }] }],
    ['that somebody else has declined', { attendees: [{ responseStatus: 'declined' }] }],
  ])('is an event %s', (_, changes) => {
    expect(busyIn({ ...atNine, ...changes })).toHaveLength(1);
  });

  it.each<[string, GoogleEvent]>([
    ['cancelled, of which Google may say nothing more', { id: 'x', status: 'cancelled' }],
    ['shown as free', { ...atNine, transparency: 'transparent' }],
    ['declined by the owner', { ...atNine, attendees: [{ self: true, responseStatus: 'declined' }] }],
    ['about where somebody works', { ...atNine, eventType: 'workingLocation' }],
    ['a birthday', { start: { date: '2026-01-21' }, end: { date: '2026-01-22' }, eventType: 'birthday' }],
    ['over as soon as it begins', { start: atNine.start, end: atNine.start }],
  ])('is no event that is %s', (_, event) => {
    expect(busyIn(event)).toEqual([]);
  });

  it.each<[string, string, string, string, string]>([
    ['a day of 24 hours', 'America/New_York', '2026-01-21', '2026-01-21T05:00Z', '2026-01-22T05:00Z'],
    ['a day of 23 hours', 'America/New_York', '2026-03-08', '2026-03-08T05:00Z', '2026-03-09T04:00Z'],
    ['a day of 25 hours', 'America/New_York', '2026-11-01', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['a day of 24½ hours', 'Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00Z', '2026-04-05T13:30Z'],
    ['a day without its midnight', 'Asia/Beirut', '2026-03-29', '2026-03-28T22:00Z', '2026-03-29T21:00Z'],
    [
      'a day in Cairo that begins at one',
      'Africa/Cairo',
      '2026-04-24',
      '2026-04-23T22:00Z',
      '2026-04-24T21:00Z',
    ],
    ['a day that the zone skipped', 'Pacific/Apia', '2011-12-30', '2011-12-30T10:00Z', '2011-12-30T10:00Z'],
    ['a day in UTC', 'UTC', '2026-01-21', '2026-01-21T00:00Z', '2026-01-22T00:00Z'],
  ])('is a whole-day event for its day in the calendar’s zone: %s', (_, zone, date, start, end) => {
    const next = new Date(Date.parse(date) + 24 * HOUR).toISOString().slice(0, 10);
    const busy = start === end ? [] : [[start, end]];
    expect(busyIn({ start: { date }, end: { date: next } }, zone)).toEqual(busy);
    expect(busyIn({ start: { date } }, zone)).toEqual(busy);
  });

  it('ends before the date that a whole-day event ends with', () => {
    expect(busyIn({ start: { date: '2026-03-07' }, end: { date: '2026-03-10' } })).toEqual([
      ['2026-03-07T05:00Z', '2026-03-10T04:00Z'],
    ]);
  });

  it('is a whole-day event wherever it is that day, where the zone is not known', () => {
    const event = { start: { date: '2026-01-21' }, end: { date: '2026-01-22' } };
    expect(busyIn(event, 'Middle-earth/Shire')).toEqual([['2026-01-20T10:00Z', '2026-01-22T12:00Z']]);
    expect(busyIn(event, '')).toEqual([['2026-01-20T10:00Z', '2026-01-22T12:00Z']]);
  });

  it('reads a time without an offset in the zone that it names, or else in the calendar’s', () => {
    const end = { dateTime: '2026-07-21T23:00:00Z' };
    expect(
      busyIn({ start: { dateTime: '2026-07-21T09:00:00', timeZone: 'Europe/Berlin' }, end }),
    ).toMatchObject([['2026-07-21T07:00Z', expect.anything()]]);
    expect(busyIn({ start: { dateTime: '2026-07-21T09:00:00' }, end })).toMatchObject([
      ['2026-07-21T13:00Z', expect.anything()],
    ]);
  });

  it('is an event without an end for an hour', () => {
    expect(busyIn({ start: atNine.start })).toEqual([['2026-01-21T14:00Z', '2026-01-21T15:00Z']]);
  });

  it.each<[string, GoogleEvent, [string, string] | null]>([
    ['no times', {}, null],
    ['no start', { end: atNine.end }, ['2026-01-21T05:00Z', '2026-01-21T15:30Z']],
    [
      'a start that is no time',
      { start: { dateTime: 'soon' }, end: atNine.end },
      ['2026-01-21T05:00Z', '2026-01-21T15:30Z'],
    ],
    [
      'an end that is no time',
      { start: atNine.start, end: { dateTime: 'later' } },
      ['2026-01-21T14:00Z', '2026-01-22T05:00Z'],
    ],
    [
      'a date that does not exist',
      { start: { date: '2026-02-30' }, end: { date: '2026-03-01' } },
      ['2026-02-28T05:00Z', '2026-03-01T05:00Z'],
    ],
    [
      'an end before its start',
      { start: { dateTime: '2026-01-21T16:00:00Z' }, end: atNine.end },
      ['2026-01-21T15:30Z', '2026-01-22T05:00Z'],
    ],
    [
      'an end years before its start',
      { start: atNine.start, end: { dateTime: '1970-01-01T00:00:00Z' } },
      ['2026-01-21T05:00Z', '2026-01-22T05:00Z'],
    ],
    [
      'a date and an end that is none',
      { start: { date: '2026-01-21' }, end: atNine.end },
      ['2026-01-21T05:00Z', '2026-01-22T05:00Z'],
    ],
    [
      'an end date before its start',
      { start: { date: '2026-01-21' }, end: { date: '2026-01-20' } },
      ['2026-01-21T05:00Z', '2026-01-22T05:00Z'],
    ],
    [
      'times in a zone that nobody knows',
      {
        start: { dateTime: '2026-01-21T10:00:00', timeZone: 'Middle-earth/Shire' },
        end: { dateTime: '2026-01-21T11:00:00', timeZone: 'Middle-earth/Shire' },
      },
      ['2026-01-20T20:00Z', '2026-01-21T23:00Z'],
    ],
  ])('is as much as the times of an event tell that has %s, beside the others', (_, event, told) => {
    const { events } = page([atNine, { id: 'some-id', ...event }]);
    expect(
      events.map(({ isReadable, blocks, time }) => [
        isReadable,
        blocks,
        time && [iso(time.start), iso(time.end)],
      ]),
    ).toEqual([
      [true, true, ['2026-01-21T14:00Z', '2026-01-21T15:30Z']],
      [false, told !== null, told],
    ]);
  });

  it('is not known where most events of a page tell nothing', () => {
    const untold = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `odd${index}` }));
    expect(unreadable(() => page([atNine, ...untold(10)]))).toBeNull();
    expect(unreadable(() => page([atNine, ...untold(11)]))).toBe('unreadable');
  });

  it.each([
    ['Eastern Standard Time', '2026-01-21T15:00Z'],
    ['Romance Standard Time', '2026-01-21T09:00Z'],
    ['India Standard Time', '2026-01-21T04:30Z'],
  ])('is at the time that a zone of Windows means: %s', (timeZone, start) => {
    const times = {
      start: { dateTime: '2026-01-21T10:00:00', timeZone },
      end: { dateTime: '2026-01-21T11:00:00', timeZone },
    };
    expect(busyIn(times)[0]?.[0]).toBe(start);
    expect(busyIn({ start: { date: '2026-01-21' } }, timeZone)[0]?.[0]).toBe(
      new Date(Date.parse(start.replace('Z', ':00Z')) - 10 * HOUR).toISOString().replace(':00.000Z', 'Z'),
    );
  });

  it('has whole days by the zone that is known of the calendar, where a page does not say it', () => {
    const items = [{ id: 'some-id', start: { date: '2026-01-21' }, end: { date: '2026-01-22' } }];
    const { events, timezone } = fromGoogleEventPage({ kind: 'calendar#events', items }, 'America/New_York');
    expect(timezone).toBe('');
    expect(events[0]?.time).toEqual({
      start: Date.parse('2026-01-21T05:00Z'),
      end: Date.parse('2026-01-22T05:00Z'),
    });
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['an empty one', ''],
    ['one that is no text', 7],
    ['one that is longer than any of Google’s', 'x'.repeat(1101)],
    ['one that no database takes', 'a\0b'],
  ])('is also an event whose id is %s, under one of ours', (_, id) => {
    const { events } = page([atNine, { ...atNine, id }, { status: 'cancelled', id }]);
    const [, nameless, cancelled] = events;
    expect(nameless).toMatchObject({ isReadable: false, blocks: true, time: events[0]?.time });
    expect(nameless?.id).toMatch(/^unnamed [0-9a-f]{64}$/);
    expect(page([{ ...atNine, id }]).events[0]?.id).toBe(nameless?.id);
    expect(cancelled).toMatchObject({ isReadable: false, blocks: false, cancelled: false });
  });

  it('is not at stake where an event that takes no time has times that cannot be read', () => {
    for (const free of [{ status: 'cancelled' }, { transparency: 'transparent' }]) {
      expect(busyIn({ ...free, start: { dateTime: 'soon' } })).toEqual([]);
    }
  });

  it.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['another kind of answer', { kind: 'calendar#calendarList', items: [] }],
    ['items that are no list', { kind: 'calendar#events', items: 'none' }],
    ['an item that is none', { kind: 'calendar#events', items: [null] }],
  ])('is not known where Google answers %s', (_, answer) => {
    const read = () => fromGoogleEventPage(answer as calendar_v3.Schema$Events | undefined);
    expect(unreadable(read)).toEqual(expect.any(String));
  });

  it('is nothing in a list that says it is one and has no events', () => {
    const nothing = { events: [], timezone: 'America/New_York', nextSyncToken: null };
    expect(page([])).toEqual(nothing);
    expect(page(undefined)).toEqual(nothing);
  });

  it('comes with what is told of each event, and of a cancelled one no more than that', () => {
    const { events } = page([
      { ...atNine, id: 'one', etag: '"7"', recurringEventId: 'series' },
      { ...atNine, id: 'two', status: 'cancelled', recurringEventId: 'series' },
      { id: 'three', start: { dateTime: 'soon' }, transparency: 'transparent', recurringEventId: 7, etag: 7 },
    ]);
    const time = { start: Date.parse('2026-01-21T14:00Z'), end: Date.parse('2026-01-21T15:30Z') };
    const some = {
      seriesId: null,
      etag: null,
      cancelled: false,
      time: null,
      blocks: false,
      mark: null,
      isReadable: true,
    };
    expect(events).toEqual([
      { ...some, id: 'one', etag: '"7"', seriesId: 'series', time, blocks: true },
      { ...some, id: 'two', seriesId: 'series', cancelled: true },
      { ...some, id: 'three' },
    ]);
  });

  it('has a token for what changes next on its last page only', () => {
    const answer = { kind: 'calendar#events', items: [], nextSyncToken: 'from-here' };
    expect(fromGoogleEventPage(answer).nextSyncToken).toBe('from-here');
    expect(fromGoogleEventPage({ ...answer, nextPageToken: 'next' }).nextSyncToken).toBeNull();
    expect(fromGoogleEventPage(answer).timezone).toBe('');
  });

  const mark = { receptionistTenant: 'tenant-a', receptionistBooking: bookingId };
  const marksOf = (events: GoogleEvent[]) =>
    events.map((event) => page([{ ...atNine, ...event }]).events[0]?.mark);

  it('tells by its mark whose event it is', () => {
    const id = eventIdOf(bookingId, 0);
    const marks = marksOf([
      { id, extendedProperties: { private: mark } },
      { id, extendedProperties: { private: { receptionistBooking: bookingId } } },
      { id, extendedProperties: { shared: mark } },
      { id },
    ]);
    expect(marks).toEqual([{ tenant: 'tenant-a', bookingId }, null, null, null]);
  });

  it('takes a copy of our event, which bears the same mark, for what it is: somebody else’s', () => {
    const extendedProperties = { private: mark };
    const ours = [
      eventIdOf(bookingId, 0),
      eventIdOf(bookingId, 12),
      `${eventIdOf(bookingId, 1)}_20260121T140000Z`,
    ];
    for (const found of marksOf(ours.map((id) => ({ id, extendedProperties })))) {
      expect(found).toEqual({ tenant: 'tenant-a', bookingId });
    }
    const copies = ['6q3kd0hk64q3ab9k6d0j4b9k74', `${eventIdOf(bookingId, 0)}x`, eventIdOf(randomUUID(), 0)];
    expect(marksOf(copies.map((id) => ({ id, extendedProperties })))).toEqual([null, null, null]);
  });

  it('tells when our event takes place also where that takes no time, and not of others', () => {
    const free = { ...atNine, transparency: 'transparent' };
    const ours = { ...free, id: eventIdOf(bookingId, 0), extendedProperties: { private: mark } };
    const time = { start: Date.parse('2026-01-21T14:00Z'), end: Date.parse('2026-01-21T15:30Z') };
    expect(page([ours, free]).events).toMatchObject([
      { blocks: false, time },
      { blocks: false, time: null },
    ]);
  });

  it('is told, or else said to be unreadable, whatever Google sends; never is what cannot be read free', () => {
    const time = fc.option(
      fc.record(
        { date: fc.anything(), dateTime: fc.anything(), timeZone: fc.anything() },
        { requiredKeys: [] },
      ),
    );
    const anything = fc.anything();
    const event = fc.record(
      {
        id: fc.oneof(fc.string({ minLength: 1 }), anything),
        start: time,
        end: time,
        status: fc.constantFrom('confirmed', 'cancelled', undefined),
        attendees: anything,
        extendedProperties: anything,
        eventType: anything,
        etag: anything,
        recurringEventId: anything,
      },
      { requiredKeys: ['start', 'id'] },
    );
    const items = fc.array(event, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(items, fc.string(), (some, zone) => {
        const problem = unreadable(() => {
          const { events } = page(some, zone);
          expect(events).toHaveLength(some.length);
          for (const { blocks, time: when } of events) {
            if (blocks) expect(when?.start).toBeLessThan(when?.end ?? -Infinity);
          }
        });
        expect([null, 'unreadable']).toContain(problem);
      }),
    );
  });
});

describe('what Google says of busy times', () => {
  it('is unknown, not free, for a calendar that could not be read', () => {
    expect(fromGoogleBusy({ errors: [{ reason: 'notFound' }], busy: [] })).toEqual({
      known: false,
      reason: 'notFound',
    });
    for (const answer of [undefined, null, {}, { busy: 'none' }, { busy: [null] }]) {
      expect(fromGoogleBusy(answer as calendar_v3.Schema$FreeBusyCalendar)).toMatchObject({ known: false });
    }
    expect(fromGoogleBusy({ busy: [{ start: 'whenever', end: '2026-01-21T14:00:00Z' }] })).toMatchObject({
      known: false,
    });
  });

  it('is read as instants, whatever offset it is written with', () => {
    expect(
      fromGoogleBusy({ busy: [{ start: '2026-01-21T09:00:00-05:00', end: '2026-01-21T14:30:00Z' }] }),
    ).toEqual({
      known: true,
      events: [
        {
          start: Date.parse('2026-01-21T14:00:00Z'),
          end: Date.parse('2026-01-21T14:30:00Z'),
          id: null,
          seriesId: null,
          etag: null,
          mark: null,
        },
      ],
    });
  });
});
