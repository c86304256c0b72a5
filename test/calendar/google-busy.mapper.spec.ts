import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { fromGoogleBusy, fromGoogleEvents } from '../../src/calendar/google/google-busy.mapper.js';

type GoogleEvent = calendar_v3.Schema$Event;

const HOUR = 3_600_000;
const bookingId = '0b6f6e42-1b4d-4c48-9d52-8b2a7b83c9d1';
const atNine: GoogleEvent = {
  start: { dateTime: '2026-01-21T09:00:00-05:00' },
  end: { dateTime: '2026-01-21T15:30:00Z' },
};
const page = (items: unknown, timeZone = 'America/New_York') =>
  fromGoogleEvents({ kind: 'calendar#events', timeZone, items: items as GoogleEvent[] });
const busyIn = (event: GoogleEvent, timeZone?: string) => {
  const reading = page([event], timeZone);
  return reading.known ? reading.events.map(({ start, end }) => [iso(start), iso(end)]) : 'unknown';
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

  it.each<[string, GoogleEvent]>([
    ['no times', {}],
    ['no start', { end: atNine.end }],
    ['a start that is no time', { start: { dateTime: 'soon' }, end: atNine.end }],
    ['an end that is no time', { start: atNine.start, end: { dateTime: 'later' } }],
    ['a date that does not exist', { start: { date: '2026-02-30' }, end: { date: '2026-03-01' } }],
    ['an end before its start', { start: { dateTime: '2026-01-21T16:00:00Z' }, end: atNine.end }],
    ['a date and an end that is none', { start: { date: '2026-01-21' }, end: atNine.end }],
    ['an end date before its start', { start: { date: '2026-01-21' }, end: { date: '2026-01-20' } }],
  ])('is not known where an event has %s', (_, event) => {
    expect(page([atNine, event])).toEqual({ known: false, reason: 'unreadable' });
  });

  it.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['another kind of answer', { kind: 'calendar#calendarList', items: [] }],
    ['items that are no list', { kind: 'calendar#events', items: 'none' }],
    ['an item that is none', { kind: 'calendar#events', items: [null] }],
  ])('is not known where Google answers %s', (_, answer) => {
    expect(fromGoogleEvents(answer as calendar_v3.Schema$Events | undefined)).toMatchObject({ known: false });
  });

  it('is nothing in a list that says it is one and has no events', () => {
    expect(page([])).toEqual({ known: true, events: [] });
    expect(page(undefined)).toEqual({ known: true, events: [] });
  });

  const mark = { receptionistTenant: 'tenant-a', receptionistBooking: bookingId };
  const marksOf = (events: GoogleEvent[]) =>
    events.map((event) => {
      const reading = page([{ ...atNine, ...event }]);
      return reading.known ? reading.events[0]?.mark : undefined;
    });

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
    const copies = [
      '6q3kd0hk64q3ab9k6d0j4b9k74',
      `${eventIdOf(bookingId, 0)}x`,
      eventIdOf(randomUUID(), 0),
      undefined,
    ];
    expect(marksOf(copies.map((id) => ({ id, extendedProperties })))).toEqual([null, null, null, null]);
  });

  it('never throws, and never takes what it cannot read for free', () => {
    const time = fc.option(
      fc.record(
        { date: fc.anything(), dateTime: fc.anything(), timeZone: fc.anything() },
        { requiredKeys: [] },
      ),
    );
    const anything = fc.anything();
    const event = fc.record(
      { start: time, end: time, attendees: anything, extendedProperties: anything, eventType: anything },
      { requiredKeys: ['start'] },
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 3 }), fc.string(), (items, zone) => {
        const reading = page(items, zone);
        if (reading.known) {
          for (const { start, end } of reading.events) expect(start).toBeLessThan(end);
        } else expect(reading.reason).toBe('unreadable');
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
        { start: Date.parse('2026-01-21T14:00:00Z'), end: Date.parse('2026-01-21T14:30:00Z'), mark: null },
      ],
    });
  });
});
