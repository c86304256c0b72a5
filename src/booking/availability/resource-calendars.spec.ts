import type { AvailabilitySnapshot } from './availability.repository.js';
import { resourceCalendars } from './resource-calendars.js';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from '../engine/working-hours.js';

const nights: WorkingHours = { weekly: [{ day: 5, start: '22:00', end: '02:00' }], overrides: [] };
const mornings: WorkingHours = { weekly: [{ day: 1, start: '08:00', end: '12:00' }], overrides: [] };

const chair = { id: 'chair', name: 'Chair', timezone: null, workingHours: null, timeOff: null };
const snapshot = (changes: Partial<AvailabilitySnapshot> = {}): AvailabilitySnapshot => ({
  timezone: 'Europe/Berlin',
  locale: 'de-DE',
  unreadableCalendarPolicy: 'use_last_known',
  calendarStaleAfterMinutes: 60,
  workingHours: null,
  holidays: [],
  service: null,
  resources: [chair],
  fullDays: [],
  booked: [],
  calendars: [],
  ...changes,
});
const calendar = (id: string, resourceIds: string[], busy: { start: number; end: number }[] | null) => ({
  id,
  resourceIds,
  googleId: id,
  connectionId: 'account',
  connectionState: 'connected' as const,
  knownFrom: null,
  knownTo: null,
  knownAsOf: null,
  isBehind: false,
  busy,
});

describe('the calendar of a resource', () => {
  it('is in the resource’s zone, else in the tenant’s', () => {
    const resources = [chair, { ...chair, id: 'far', timezone: 'Asia/Tokyo' }];
    expect(resourceCalendars(snapshot({ resources })).map(({ timezone }) => timezone)).toEqual([
      'Europe/Berlin',
      'Asia/Tokyo',
    ]);
  });

  it('has the resource’s hours, else the tenant’s, else those that everybody starts with', () => {
    const resources = [chair, { ...chair, id: 'night', workingHours: nights }];
    const hoursOf = (changes: Partial<AvailabilitySnapshot>) =>
      resourceCalendars(snapshot({ resources, ...changes })).map(({ workingHours }) => workingHours);
    expect(hoursOf({})).toEqual([DEFAULT_WORKING_HOURS, nights]);
    expect(hoursOf({ workingHours: mornings })).toEqual([mornings, nights]);
  });

  it('has no hours of its own on a holiday, unless an override gives that date some', () => {
    const override = { date: '2026-12-24', intervals: [{ start: '09:00', end: '12:00' }] };
    const workingHours = { ...mornings, overrides: [override] };
    const holidays = ['2026-12-24', '2026-12-25'];
    const [given] = resourceCalendars(snapshot({ workingHours, holidays }));
    expect(given?.workingHours).toEqual({
      weekly: mornings.weekly,
      overrides: [override, { date: '2026-12-25', intervals: [] }],
    });
    expect(workingHours.overrides).toEqual([override]);
  });

  it('holds its own bookings and time off, and the days on which the service is full', () => {
    const away = [{ start: 50, end: 60 }];
    const [first, second] = resourceCalendars(
      snapshot({
        resources: [chair, { ...chair, id: 'room', timeOff: away }],
        booked: [
          { resourceId: 'room', start: 1, end: 2 },
          { resourceId: 'chair', start: 3, end: 4 },
        ],
        fullDays: ['2026-01-21'],
      }),
    );
    expect(first).toMatchObject({ booked: [{ start: 3, end: 4 }], timeOff: [], fullDays: ['2026-01-21'] });
    expect(second).toMatchObject({
      booked: [{ start: 1, end: 2 }],
      timeOff: away,
      fullDays: ['2026-01-21'],
    });
  });

  it('is busy when any of the calendars that it reads is, as just read or as last known', () => {
    const given = snapshot({
      resources: [chair, { ...chair, id: 'room' }],
      calendars: [
        calendar('shared', ['chair', 'room'], [{ start: 1, end: 2 }]),
        calendar('own', ['room'], [{ start: 3, end: 4 }]),
        calendar('empty', ['room'], null),
      ],
    });
    const busy = (...[readings]: [] | [Map<string, { start: number; end: number }[]>]) =>
      resourceCalendars(given, readings).map((resource) => resource.busy.map(({ start }) => start));
    expect(busy()).toEqual([[1], [1, 3]]);
    expect(busy(new Map([['own', [{ start: 7, end: 8 }]]]))).toEqual([[], [7]]);
  });
});
