import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('lists of events', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  const calendarId = 'primary';

  beforeEach(async () => {
    standIn = await startStandIn();
    standIn.addAccount({ email: owner, timeZone: 'Europe/Berlin' });
    ({ api } = await connect(standIn));
  });
  afterEach(() => standIn.stop());

  const insert = async (event: object = {}) => {
    const requestBody = { ...at('2026-06-01T10:00:00Z'), ...event };
    return (await api.events.insert({ calendarId, requestBody })).data;
  };

  const ids = async (query: object) => {
    const { data } = await api.events.list({ calendarId, ...query });
    return data.items?.map((event) => event.id);
  };

  beforeEach(async () => {
    await insert({
      id: 'event2',
      ...at('2026-06-02T10:00:00Z'),
      extendedProperties: { private: { booking: 'b2' } },
    });
    await insert({ id: 'event3', ...at('2026-06-03T10:00:00Z'), description: 'Colour for Ms Müller' });
    await insert({ id: 'event1', ...at('2026-06-01T10:00:00Z'), eventType: 'outOfOffice' });
  });

  it('are refused where the calendar cannot be read', async () => {
    const calendar = standIn.account(owner).calendar();
    calendar.unreadable = 'internalError';
    const list = () => refusalOf(api.events.list({ calendarId }, { retry: false }));
    expect(await list()).toBe('500 internalError');
    calendar.unreadable = 'notFound';
    expect(await list()).toBe('404 notFound');
  });

  it('show what touches the window', async () => {
    expect(await ids({ timeMin: '2026-06-01T11:00:00Z', timeMax: '2026-06-02T10:00:01Z' })).toEqual([
      'event2',
    ]);
  });

  it('without an end show the far future', async () => {
    await insert({ id: 'event9', ...at('2099-06-01T10:00:00Z') });
    expect(await ids({ timeMin: '2098-01-01T00:00:00Z' })).toEqual(['event9']);
  });

  it('find an event by its private property', async () => {
    expect(await ids({ privateExtendedProperty: ['booking=b2'] })).toEqual(['event2']);
    expect(await ids({ privateExtendedProperty: ['booking=b3'] })).toEqual([]);
  });

  it('find words, and types of events', async () => {
    expect(await ids({ q: 'müller' })).toEqual(['event3']);
    expect(await ids({ eventTypes: ['outOfOffice'] })).toEqual(['event1']);
  });

  it('order by start only when expanded', async () => {
    expect(await ids({ orderBy: 'startTime', singleEvents: true })).toEqual(['event1', 'event2', 'event3']);
    expect(await refusalOf(ids({ orderBy: 'startTime' }))).toBe('400 badRequest');
  });

  it('order by change', async () => {
    standIn.account(owner).calendar().updateEvent('event2', { summary: 'changed' });
    expect((await ids({ orderBy: 'updated' }))?.at(-1)).toBe('event2');
  });

  it('come in pages that miss nothing though an event vanishes in between', async () => {
    const { data } = await api.events.list({ calendarId, maxResults: 1 });
    standIn.account(owner).calendar().deleteEvent(String(data.items?.[0]?.id));
    const pageToken = String(data.nextPageToken);
    expect(await ids({ maxResults: 5, pageToken })).toEqual(['event2', 'event3']);
  });

  it('send only the fields that were asked for', async () => {
    const fields = 'items(id,start/dateTime),nextPageToken';
    const { data } = await api.events.list({ calendarId, maxResults: 1, fields });
    const item = { id: 'event1', start: { dateTime: '2026-06-01T12:00:00+02:00' } };
    expect(data).toEqual({ items: [item], nextPageToken: expect.any(String) as unknown });
  });

  it('of a calendar that is gone answer 404', async () => {
    standIn.account(owner).calendar().delete();
    expect(await refusalOf(ids({}))).toBe('404 notFound');
  });

  it('of a calendar shared for free/busy hide what it is about', async () => {
    const colleague = standIn.addAccount({ email: 'colleague@salon.example' });
    colleague.calendar().addEvent({ ...at('2026-06-01T10:00:00Z'), summary: 'Dentist' });
    standIn.account(owner).addCalendar({ id: colleague.email, summary: '', accessRole: 'freeBusyReader' });
    const { data } = await api.events.list({ calendarId: colleague.email });
    expect(data.items?.[0]).toMatchObject({
      visibility: 'private',
      start: { dateTime: expect.any(String) as unknown },
    });
    expect(data.items?.[0]).not.toHaveProperty('summary');
  });
});
