import type { GoogleStandIn, StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('sync tokens', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  let calendar: StandInCalendar;
  const timeZone = 'Europe/Berlin';

  beforeEach(async () => {
    standIn = await startStandIn();
    calendar = standIn.addAccount({ email: owner, timeZone }).calendar();
    ({ api } = await connect(standIn));
  });
  afterEach(() => standIn.stop());

  const list = async (query: object = {}) =>
    (await api.events.list({ calendarId: owner, singleEvents: true, ...query })).data;
  const fullSync = async (query: object = {}) => String((await list(query)).nextSyncToken);
  const changesSince = async (syncToken: string, query: object = {}) => {
    const { items, nextSyncToken } = await list({ ...query, syncToken });
    return { changes: items?.map(({ id, status }) => `${id} ${status}`), next: String(nextSyncToken) };
  };

  it('bring only what changed since, and a token for the next time', async () => {
    calendar.addEvent({ id: 'kept1', ...at('2026-06-01T10:00:00Z') });
    calendar.addEvent({ id: 'gone1', ...at('2026-06-01T11:00:00Z') });
    const first = await fullSync();
    expect((await changesSince(first)).changes).toEqual([]);
    calendar.addEvent({ id: 'added1', ...at('2026-06-01T12:00:00Z') });
    calendar.deleteEvent('gone1');
    const { changes, next } = await changesSince(first);
    expect(changes).toEqual(['added1 confirmed', 'gone1 cancelled']);
    expect((await changesSince(next)).changes).toEqual([]);
  });

  it('come on the last page only, and count from the first', async () => {
    for (const id of ['event1', 'event2', 'event3']) calendar.addEvent({ id, ...at('2026-06-01T10:00:00Z') });
    const first = await list({ maxResults: 2 });
    expect(first.nextSyncToken).toBeUndefined();
    calendar.updateEvent('event1', { summary: 'changed between the pages' });
    const last = await list({ maxResults: 2, pageToken: first.nextPageToken });
    expect(last.nextPageToken).toBeUndefined();
    expect((await changesSince(String(last.nextSyncToken))).changes).toEqual(['event1 confirmed']);
  });

  it('may be behind an empty page', async () => {
    calendar.addEvent({ id: 'event1', ...at('2026-06-01T10:00:00Z') });
    calendar.emptyFirstPage = true;
    const first = await list();
    expect([first.items, first.nextSyncToken]).toEqual([[], undefined]);
    const second = await list({ pageToken: first.nextPageToken });
    expect([second.items?.length, typeof second.nextSyncToken]).toEqual([1, 'string']);
  });

  it('bring changes in pages too', async () => {
    const token = await fullSync();
    for (const id of ['event1', 'event2', 'event3']) calendar.addEvent({ id, ...at('2026-06-01T10:00:00Z') });
    const first = await list({ syncToken: token, maxResults: 2 });
    const last = await list({ syncToken: token, maxResults: 2, pageToken: first.nextPageToken });
    expect([first.items?.length, first.nextSyncToken, last.items?.length]).toEqual([2, undefined, 1]);
    expect((await changesSince(String(last.nextSyncToken))).changes).toEqual([]);
  });

  it('tell of an event that was moved out of the window of the full list', async () => {
    calendar.addEvent({ id: 'event1', ...at('2026-06-01T10:00:00Z') });
    const token = await fullSync({ timeMin: '2026-06-01T00:00:00Z', timeMax: '2026-06-02T00:00:00Z' });
    calendar.updateEvent('event1', at('2026-07-01T10:00:00Z'));
    expect((await changesSince(token)).changes).toEqual(['event1 confirmed']);
  });

  it('name the instances a series had and has no more', async () => {
    const start = { dateTime: '2026-06-01T10:00:00', timeZone };
    const end = { dateTime: '2026-06-01T11:00:00', timeZone };
    calendar.addEvent({ id: 'series', start, end, recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] });
    const token = await fullSync();
    calendar.updateEvent('series', { recurrence: ['RRULE:FREQ=DAILY;COUNT=1'] });
    const { changes, next } = await changesSince(token);
    expect(changes).toEqual([
      'series_20260601T080000Z confirmed',
      'series_20260602T080000Z cancelled',
      'series_20260603T080000Z cancelled',
    ]);
    calendar.deleteEvent('series');
    expect((await changesSince(next)).changes).toEqual(['series_20260601T080000Z cancelled']);
  });

  it('answer 410 when they expired, are unknown, or belong to another calendar', async () => {
    const token = await fullSync();
    const other = standIn.account(owner).addCalendar({ summary: 'Room 2' });
    const elsewhere = api.events.list({ calendarId: other.id, singleEvents: true, syncToken: token });
    expect(await refusalOf(elsewhere)).toBe('410 fullSyncRequired');
    expect(await refusalOf(changesSince('never issued'))).toBe('410 fullSyncRequired');
    calendar.expireSyncTokens();
    expect(await refusalOf(changesSince(token))).toBe('410 fullSyncRequired');
    expect(await refusalOf(changesSince(await fullSync()))).toBe('not refused');
  });

  it.each([
    ['timeMin', { timeMin: '2026-06-01T00:00:00Z' }],
    ['q', { q: 'cut' }],
    ['orderBy', { orderBy: 'updated' }],
    ['privateExtendedProperty', { privateExtendedProperty: ['a=b'] }],
    ['showDeleted=false', { showDeleted: false }],
    ['another singleEvents', { singleEvents: false }],
  ])('may not be combined with %s', async (_, query) => {
    expect(await refusalOf(changesSince(await fullSync(), query))).toBe('400 invalid');
  });

  it.each([{ q: 'cut' }, { orderBy: 'startTime' }])(
    'do not come with a list that cannot be followed: %j',
    async (query) => {
      expect(await list(query)).not.toHaveProperty('nextSyncToken');
    },
  );
});
