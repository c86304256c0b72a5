import { discovery } from '../../src/local/google-stand-in/discovery.js';
import { checkBody } from '../../src/local/google-stand-in/discovery-check.js';
import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, messageOf, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('the discovery document', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  const calendarId = 'primary';
  const time = at('2026-06-01T10:00:00Z');

  beforeAll(async () => {
    standIn = await startStandIn();
    ({ api } = await connect(standIn));
  });
  afterAll(() => standIn.stop());

  it.each<[string, object, string]>([
    [
      'an unknown parameter',
      { maxResult: 5 },
      'Invalid query. Unknown name "maxResult": Cannot bind query parameter.',
    ],
    [
      'a number that is none',
      { maxResults: 'many' },
      "Invalid integer value: 'many'. Allowed: 1 to 2147483647.",
    ],
    ['a number below the least', { maxResults: 0 }, "Invalid integer value: '0'. Allowed: 1 to 2147483647."],
    [
      'a value outside the list',
      { orderBy: 'name' },
      "Invalid string value: 'name'. Allowed values: [startTime, updated]",
    ],
    ['a flag that is none', { singleEvents: 'yes' }, "Invalid boolean value: 'yes'."],
    ['a single parameter given twice', { q: ['a', 'b'] }, 'Invalid query. "q" was given 2 times.'],
    [
      'a time that is none',
      { timeMin: 'noon' },
      "Invalid value 'noon' for timeMin: must be an RFC 3339 timestamp with mandatory time zone offset.",
    ],
  ])('refuses %s in the query', async (_, query, message) => {
    expect(await messageOf(api.events.list({ calendarId, ...query } as object))).toBe(message);
  });

  it.each<[string, object, string]>([
    [
      'an unknown field',
      { ...time, titel: 'Cut' },
      'Invalid JSON payload received. Unknown name "titel" at \'Event\': Cannot find field.',
    ],
    [
      'an unknown field further in',
      { ...time, start: { datetime: '2026-06-01T10:00:00Z' } },
      'Invalid JSON payload received. Unknown name "datetime" at \'start\': Cannot find field.',
    ],
    ['a wrong type', { ...time, summary: 5 }, "Invalid value at 'summary' (string): 5"],
    [
      'a wrong type in a list',
      { ...time, attendees: [{ email: true }] },
      "Invalid value at 'attendees[0].email' (string): true",
    ],
    ['a missing field', { start: time.start }, 'Missing end time.'],
  ])('refuses %s in the body', async (_, requestBody, message) => {
    expect(await messageOf(api.events.insert({ calendarId, requestBody } as object))).toBe(message);
  });

  it('knows what Google has and the stand-in has not', async () => {
    const { api: broad } = await connect(standIn, { scope: ['https://www.googleapis.com/auth/calendar'] });
    expect(await refusalOf(broad.acl.list({ calendarId }, { retry: false }))).toBe('501 notImplemented');
    expect(await refusalOf(broad.calendars.get({ calendarId: 'unknown' }))).toBe('404 notFound');
  });

  it('describes every answer the stand-in gives', async () => {
    const eventId = 'series1';
    const timeZone = 'Europe/Berlin';
    const zoned = { start: { ...time.start, timeZone }, end: { ...time.end, timeZone } };
    const createRequest = { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } };
    const requestBody = {
      ...zoned,
      id: eventId,
      recurrence: ['RRULE:FREQ=DAILY;COUNT=2'],
      conferenceData: { createRequest },
      attendees: [{ email: owner }],
    };
    const { api: broad } = await connect(standIn, { scope: ['https://www.googleapis.com/auth/calendar'] });
    const items = [{ id: owner }, { id: 'unknown' }];
    const busy = { timeMin: '2026-06-01T00:00:00Z', timeMax: '2026-06-03T00:00:00Z', items };
    const channel = { id: 'channel-1', type: 'web_hook', address: `${standIn.origin}/nowhere` };
    const answers = {
      'events.insert': await broad.events.insert({ calendarId, conferenceDataVersion: 1, requestBody }),
      'events.get': await broad.events.get({ calendarId, eventId }),
      'events.list': await broad.events.list({ calendarId, singleEvents: true }),
      'events.instances': await broad.events.instances({ calendarId, eventId }),
      'events.watch': await broad.events.watch({ calendarId, requestBody: channel }),
      'calendarList.list': await broad.calendarList.list({}),
      'calendarList.get': await broad.calendarList.get({ calendarId }),
      'calendars.get': await broad.calendars.get({ calendarId }),
      'freebusy.query': await broad.freebusy.query({ requestBody: busy }),
    };
    for (const [operation, { data }] of Object.entries(answers)) {
      const schema = String(discovery.methods[operation]?.response);
      expect(() => checkBody('', schema, data)).not.toThrow();
    }
  });
});
