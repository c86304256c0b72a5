import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('events', () => {
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

  it('come back as Google shows them: times in the calendar’s zone, the owner as organizer', async () => {
    const event = await insert({
      summary: 'Cut',
      start: { dateTime: '2026-06-01T10:00:00.750Z', timeZone: 'UTC' },
    });
    expect(event).toMatchObject({
      kind: 'calendar#event',
      status: 'confirmed',
      start: { dateTime: '2026-06-01T12:00:00+02:00', timeZone: 'UTC' },
      end: { dateTime: '2026-06-01T13:00:00+02:00', timeZone: 'Europe/Berlin' },
      organizer: { email: owner, self: true },
      sequence: 0,
    });
    const asked = await api.events.get({
      calendarId,
      eventId: String(event.id),
      timeZone: 'America/New_York',
    });
    expect(asked.data.start?.dateTime).toBe('2026-06-01T06:00:00-04:00');
  });

  it('may overlap', async () => {
    await insert();
    await insert();
    expect(standIn.account(owner).calendar().events()).toHaveLength(2);
  });

  describe('with an id chosen by the client', () => {
    it.each([['abc'], ['booking-1'], ['bookingz']])('refuse %s', async (id) => {
      expect(await refusalOf(insert({ id }))).toBe('400 invalid');
    });

    it('exist once, also when the first one was deleted', async () => {
      await insert({ id: 'booking1' });
      expect(await refusalOf(insert({ id: 'booking1' }))).toBe('409 duplicate');
      await api.events.delete({ calendarId, eventId: 'booking1' });
      expect(await refusalOf(insert({ id: 'booking1' }))).toBe('409 duplicate');
    });
  });

  describe('after deletion', () => {
    beforeEach(async () => {
      await insert({ id: 'booking1', summary: 'Cut' });
      await api.events.delete({ calendarId, eventId: 'booking1' });
    });

    it('answer 410 to a second deletion and 404 to one of an unknown id', async () => {
      expect(await refusalOf(api.events.delete({ calendarId, eventId: 'booking1' }))).toBe('410 deleted');
      expect(await refusalOf(api.events.delete({ calendarId, eventId: 'booking2' }))).toBe('404 notFound');
    });

    it('can still be read, as cancelled', async () => {
      expect((await api.events.get({ calendarId, eventId: 'booking1' })).data.status).toBe('cancelled');
    });

    it('are listed only on demand, and then say little more than that they are gone', async () => {
      const list = async (showDeleted: boolean) =>
        (await api.events.list({ calendarId, showDeleted })).data.items;
      expect(await list(false)).toEqual([]);
      expect(await list(true)).toEqual([
        { kind: 'calendar#event', etag: expect.any(String) as unknown, id: 'booking1', status: 'cancelled' },
      ]);
    });
  });

  describe('changes', () => {
    it('take a new etag, and a new sequence when the time changed', async () => {
      const event = await insert({ id: 'booking1' });
      const change = async (requestBody: object) =>
        (await api.events.patch({ calendarId, eventId: 'booking1', requestBody })).data;
      const renamed = await change({ summary: 'Colour' });
      expect(renamed.etag).not.toBe(event.etag);
      expect(renamed.sequence).toBe(0);
      expect((await change(at('2026-06-01T11:00:00Z'))).sequence).toBe(1);
    });

    it('by patch leave the rest alone and clear what is null', async () => {
      await insert({
        id: 'booking1',
        summary: 'Cut',
        location: 'Here',
        extendedProperties: { private: { a: '1', b: '2' } },
      });
      const requestBody = { location: null, extendedProperties: { private: { b: null, c: '3' } } };
      const { data } = await api.events.patch({
        calendarId,
        eventId: 'booking1',
        requestBody: requestBody as object,
      });
      expect(data).toMatchObject({ summary: 'Cut', extendedProperties: { private: { a: '1', c: '3' } } });
      expect(data.extendedProperties?.private).not.toHaveProperty('b');
      expect(data).not.toHaveProperty('location');
    });

    it('by update replace all that can be written', async () => {
      await insert({ id: 'booking1', summary: 'Cut', location: 'Here' });
      const requestBody = { ...at('2026-06-01T10:00:00Z'), summary: 'Colour' };
      const { data } = await api.events.update({ calendarId, eventId: 'booking1', requestBody });
      expect(data.summary).toBe('Colour');
      expect(data).not.toHaveProperty('location');
    });

    it('accept an event as it was read', async () => {
      const event = await insert({
        id: 'booking1',
        summary: 'Cut',
        attendees: [{ email: 'guest@mail.example' }],
      });
      const requestBody = { ...event, summary: 'Colour' };
      const { data } = await api.events.update({ calendarId, eventId: 'booking1', requestBody });
      expect(data).toMatchObject({ summary: 'Colour', start: event.start, created: event.created });
    });

    it('refuse an old etag with 412', async () => {
      const event = await insert({ id: 'booking1' });
      standIn.account(owner).calendar().updateEvent('booking1', { summary: 'The owner was here' });
      const headers = { 'If-Match': String(event.etag) };
      const patch = api.events.patch(
        { calendarId, eventId: 'booking1', requestBody: { summary: 'x' } },
        { headers },
      );
      expect(await refusalOf(patch)).toBe('412 conditionNotMet');
      const removal = api.events.delete({ calendarId, eventId: 'booking1' }, { headers });
      expect(await refusalOf(removal)).toBe('412 conditionNotMet');
    });

    it('are not repeated to a reader who knows the current etag', async () => {
      const event = await insert({ id: 'booking1' });
      const headers = { 'If-None-Match': String(event.etag) };
      const answer = await api.events.get({ calendarId, eventId: 'booking1' }, { headers });
      expect([answer.status, answer.data]).toEqual([304, '']);
    });

    it('need a calendar that may be written', async () => {
      const account = standIn.account(owner);
      account.addCalendar({ id: 'holidays', summary: 'Holidays', accessRole: 'reader' });
      const requestBody = at('2026-06-01T10:00:00Z');
      expect(await refusalOf(api.events.insert({ calendarId: 'holidays', requestBody }))).toBe(
        '403 requiredAccessLevel',
      );
    });
  });

  describe('are refused when', () => {
    const reminders = (overrides: object[]) => ({ reminders: { useDefault: false, overrides } });
    const popup = { method: 'popup', minutes: 10 };
    it.each<[string, object, string]>([
      ['they end before they begin', { end: { dateTime: '2026-06-01T09:00:00Z' } }, 'timeRangeEmpty'],
      ['a time has neither offset nor zone', { start: { dateTime: '2026-06-01T10:00:00' } }, 'invalid'],
      ['one end is a date only', { end: { date: '2026-06-02' } }, 'invalid'],
      ['a time is both', { start: { date: '2026-06-01', dateTime: '2026-06-01T10:00:00Z' } }, 'invalid'],
      ['the end is missing', { end: null }, 'required'],
      [
        'the zone is made up',
        { start: { dateTime: '2026-06-01T10:00:00Z', timeZone: 'Europe/Bärlin' } },
        'invalid',
      ],
      ['they have six reminders', reminders(Array.from({ length: 6 }, () => popup)), 'invalid'],
      ['a reminder is longer than four weeks', reminders([{ method: 'popup', minutes: 40_321 }]), 'invalid'],
      ['a reminder comes by text message', reminders([{ method: 'sms', minutes: 10 }]), 'invalid'],
      [
        'a property’s key is too long',
        { extendedProperties: { private: { ['k'.repeat(45)]: 'v' } } },
        'invalid',
      ],
      [
        'a property’s value is too long',
        { extendedProperties: { private: { k: 'v'.repeat(1025) } } },
        'invalid',
      ],
      ['a guest has no e-mail', { attendees: [{ displayName: 'Guest' }] }, 'required'],
      ['transparency is a colour', { transparency: 'blue' }, 'invalid'],
    ])('%s', async (_, event, reason) => {
      expect(await refusalOf(insert(event))).toBe(`400 ${reason}`);
    });
  });
});
