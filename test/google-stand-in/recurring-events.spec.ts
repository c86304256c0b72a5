import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('recurring events', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  const calendarId = 'primary';

  beforeEach(async () => {
    standIn = await startStandIn({ now: () => Date.parse('2026-03-01T00:00:00Z') });
    standIn.addAccount({ email: owner, timeZone: 'Europe/Berlin' });
    standIn.accessTokenLifetimeSeconds = 1e9;
    ({ api } = await connect(standIn));
  });
  afterEach(() => standIn.stop());

  const wall = (from: string, to: string, timeZone = 'Europe/Berlin') => ({
    start: { dateTime: from, timeZone },
    end: { dateTime: to, timeZone },
  });
  const tenOClock = wall('2026-03-02T10:00:00', '2026-03-02T11:00:00');
  const insert = async (rule: string | string[], time: object = tenOClock) => {
    const recurrence = [rule].flat();
    return (await api.events.insert({ calendarId, requestBody: { id: 'series', ...time, recurrence } })).data;
  };
  const list = async (query: object = {}) => {
    const { data } = await api.events.list({ calendarId, singleEvents: true, timeZone: 'UTC', ...query });
    return data.items ?? [];
  };
  const starts = async (query: object = {}) =>
    (await list(query)).map(({ start }) => start?.dateTime ?? start?.date);

  it.each<[string, string | string[], string[]]>([
    ['every day, three times', 'RRULE:FREQ=DAILY;COUNT=3', ['03-02', '03-03', '03-04']],
    [
      'every other day until a date',
      'RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260306',
      ['03-02', '03-04', '03-06'],
    ],
    [
      'on two days of the week',
      'RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4',
      ['03-02', '03-05', '03-09', '03-12'],
    ],
    ['every second week', 'RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3', ['03-02', '03-16', '03-30']],
    ['until an instant', 'RRULE:FREQ=DAILY;UNTIL=20260303T090000Z', ['03-02', '03-03']],
    ['on the last Friday of the month', 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2', ['03-27', '04-24']],
    ['on the second of the month', 'RRULE:FREQ=MONTHLY;COUNT=2', ['03-02', '04-02']],
    [
      'without an excluded day',
      ['RRULE:FREQ=DAILY;COUNT=3', 'EXDATE;TZID=Europe/Berlin:20260303T100000'],
      ['03-02', '03-04'],
    ],
  ])('repeat %s', async (_, rule, days) => {
    await insert(rule);
    expect((await starts()).map((start) => start?.slice(5, 10))).toEqual(days);
  });

  it('keep their wall time when the clocks change', async () => {
    await insert('RRULE:FREQ=WEEKLY;COUNT=5');
    expect(await starts()).toEqual([
      ...['2026-03-02T09:00:00Z', '2026-03-09T09:00:00Z', '2026-03-16T09:00:00Z', '2026-03-23T09:00:00Z'],
      '2026-03-30T08:00:00Z',
    ]);
  });

  it('repeat in their own zone, not in the calendar’s', async () => {
    await insert(
      'RRULE:FREQ=WEEKLY;COUNT=2',
      wall('2026-03-05T09:00:00', '2026-03-05T10:00:00', 'America/New_York'),
    );
    expect(await starts()).toEqual(['2026-03-05T14:00:00Z', '2026-03-12T13:00:00Z']);
  });

  it('repeat whole days', async () => {
    await insert('RRULE:FREQ=WEEKLY;COUNT=2', { start: { date: '2026-03-02' }, end: { date: '2026-03-04' } });
    expect((await list()).map(({ id, end }) => [id, end?.date])).toEqual([
      ['series_20260302', '2026-03-04'],
      ['series_20260309', '2026-03-11'],
    ]);
  });

  it('need a zone for their times, and a rule that can be expanded', async () => {
    const bare = { start: { dateTime: '2026-03-02T10:00:00Z' }, end: { dateTime: '2026-03-02T11:00:00Z' } };
    expect(await refusalOf(insert('RRULE:FREQ=DAILY', bare))).toBe('400 required');
    expect(await refusalOf(insert('RRULE:FREQ=FORTNIGHTLY'))).toBe('400 invalid');
  });

  it('are found far from their beginning', async () => {
    await insert('RRULE:FREQ=DAILY');
    const timeMin = '2036-03-02T00:00:00Z';
    expect(await starts({ timeMin, timeMax: '2036-03-03T00:00:00Z' })).toEqual(['2036-03-02T09:00:00Z']);
  });

  it('are listed as one event when not expanded', async () => {
    await insert('RRULE:FREQ=DAILY;COUNT=3');
    const [only, ...others] = await list({ singleEvents: false });
    expect([only?.id, only?.recurrence, others]).toEqual(['series', ['RRULE:FREQ=DAILY;COUNT=3'], []]);
  });

  it('tell of each instance whose it is and where it was', async () => {
    await insert('RRULE:FREQ=DAILY;COUNT=2');
    expect((await list())[1]).toMatchObject({
      id: 'series_20260303T090000Z',
      recurringEventId: 'series',
      originalStartTime: { dateTime: '2026-03-03T09:00:00Z', timeZone: 'Europe/Berlin' },
    });
    const { data } = await api.events.instances({ calendarId, eventId: 'series' });
    expect(data.items).toHaveLength(2);
  });

  it('let one instance be moved', async () => {
    await insert('RRULE:FREQ=DAILY;COUNT=3');
    const requestBody = wall('2026-03-03T15:00:00', '2026-03-03T16:00:00');
    await api.events.patch({ calendarId, eventId: 'series_20260303T090000Z', requestBody });
    expect((await starts({ orderBy: 'startTime' }))[1]).toBe('2026-03-03T14:00:00Z');
  });

  it('let one instance be deleted', async () => {
    await insert('RRULE:FREQ=DAILY;COUNT=3');
    await api.events.delete({ calendarId, eventId: 'series_20260303T090000Z' });
    expect(await starts()).toEqual(['2026-03-02T09:00:00Z', '2026-03-04T09:00:00Z']);
    expect(await refusalOf(api.events.delete({ calendarId, eventId: 'series_20260303T090000Z' }))).toBe(
      '410 deleted',
    );
  });

  it('know no instance where the rule has none', async () => {
    await insert('RRULE:FREQ=DAILY;COUNT=3');
    expect(await refusalOf(api.events.get({ calendarId, eventId: 'series_20260303T091500Z' }))).toBe(
      '404 notFound',
    );
  });
});
