import type { GoogleStandIn, StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('free/busy', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  let calendar: StandInCalendar;

  beforeEach(async () => {
    standIn = await startStandIn();
    calendar = standIn.addAccount({ email: owner, timeZone: 'Europe/Berlin' }).calendar();
    ({ api } = await connect(standIn));
  });
  afterEach(() => standIn.stop());

  const day = { timeMin: '2026-06-01T00:00:00Z', timeMax: '2026-06-02T00:00:00Z' };
  const query = async (requestBody: object = {}) => {
    const body = { ...day, items: [{ id: owner }], ...requestBody };
    return (await api.freebusy.query({ requestBody: body })).data;
  };
  const busy = async (requestBody: object = {}) =>
    (await query(requestBody)).calendars?.[owner]?.busy?.map(({ start, end }) => `${start}/${end}`);

  it('merges what overlaps or touches, and clips to the question', async () => {
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    calendar.addEvent(at('2026-06-01T10:30:00Z'));
    calendar.addEvent(at('2026-06-01T11:30:00Z'));
    calendar.addEvent(at('2026-06-01T23:30:00Z'));
    calendar.addEvent(at('2026-06-03T10:00:00Z'));
    expect(await busy()).toEqual([
      '2026-06-01T10:00:00Z/2026-06-01T12:30:00Z',
      '2026-06-01T23:30:00Z/2026-06-02T00:00:00Z',
    ]);
  });

  it('leaves out what does not block', async () => {
    const time = at('2026-06-01T10:00:00Z');
    calendar.addEvent({ ...time, transparency: 'transparent' });
    calendar.addEvent({ ...time, eventType: 'workingLocation' });
    calendar.addEvent({ ...time, attendees: [{ email: owner, responseStatus: 'declined' }] });
    calendar.deleteEvent(calendar.addEvent(time).id);
    expect(await busy()).toEqual([]);
  });

  it('counts tentative events, absences, and invitations others declined', async () => {
    calendar.addEvent({ ...at('2026-06-01T08:00:00Z'), status: 'tentative' });
    calendar.addEvent({ ...at('2026-06-01T10:00:00Z'), eventType: 'outOfOffice' });
    const attendees = [{ email: 'guest@mail.example', responseStatus: 'declined' }];
    calendar.addEvent({ ...at('2026-06-01T12:00:00Z'), attendees });
    expect(await busy()).toHaveLength(3);
  });

  it('takes whole days in the calendar’s zone, 23 hours long when the clocks change', async () => {
    calendar.addEvent({ start: { date: '2026-03-29' }, end: { date: '2026-03-30' } });
    const range = { timeMin: '2026-03-28T00:00:00Z', timeMax: '2026-03-31T00:00:00Z' };
    expect(await busy(range)).toEqual(['2026-03-28T23:00:00Z/2026-03-29T22:00:00Z']);
    calendar.timeZone = 'UTC';
    expect(await busy(range)).toEqual(['2026-03-29T00:00:00Z/2026-03-30T00:00:00Z']);
  });

  it('expands recurring events', async () => {
    const timeZone = 'Europe/Berlin';
    calendar.addEvent({
      start: { dateTime: '2026-01-05T10:00:00', timeZone },
      end: { dateTime: '2026-01-05T11:00:00', timeZone },
      recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
    });
    expect(await busy()).toEqual(['2026-06-01T08:00:00Z/2026-06-01T09:00:00Z']);
  });

  it('answers in the zone of the question', async () => {
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    expect(await busy({ timeZone: 'Europe/Berlin' })).toEqual([
      '2026-06-01T12:00:00+02:00/2026-06-01T13:00:00+02:00',
    ]);
  });

  it('tells of each calendar that could not be read, with status 200', async () => {
    calendar.unreadable = 'internalError';
    const { calendars } = await query({ items: [{ id: owner }, { id: 'nobody@salon.example' }] });
    const failed = (reason: string) => ({ errors: [{ domain: 'global', reason }], busy: [] });
    expect(calendars).toEqual({
      [owner]: failed('internalError'),
      'nobody@salon.example': failed('notFound'),
    });
  });

  it.each<[string, object, string]>([
    ['a range of more than two months', { timeMax: '2026-08-03T00:00:00Z' }, 'timeRangeTooLong'],
    ['an empty range', { timeMax: day.timeMin }, 'timeRangeEmpty'],
    ['a time without offset', { timeMax: '2026-06-02T00:00:00' }, 'badRequest'],
    ['no end', { timeMax: undefined }, 'required'],
    [
      '51 calendars',
      { items: Array.from({ length: 51 }, (_, id) => ({ id: `c${id}` })) },
      'tooManyCalendarsRequested',
    ],
  ])('refuses %s', async (_, requestBody, reason) => {
    expect(await refusalOf(query(requestBody))).toBe(`400 ${reason}`);
  });
});
