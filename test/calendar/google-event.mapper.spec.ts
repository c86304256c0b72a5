import {
  fromGoogleEvent,
  toGoogleChange,
  toGoogleEvent,
} from '../../src/calendar/google/google-event.mapper.js';
import { eventIdOf } from '../../src/calendar/event-id.js';
import { someContent } from './connected-tenant.js';

const bookingId = '0b6f6e42-1b4d-4c48-9d52-8b2a7b83c9d1';
const draft = { id: eventIdOf(bookingId, 0), bookingId, content: someContent(), withConference: true };

describe('an event on its way to Google', () => {
  it('has an id that Google takes, from the booking and the attempt', () => {
    expect(eventIdOf(bookingId, 0)).toBe('bk0b6f6e421b4d4c489d528b2a7b83c9d1n0');
    expect(eventIdOf(bookingId, 12)).toMatch(/^[a-v0-9]{5,1024}$/);
  });

  it('bears our mark, and is at the instant in the zone it is shown in', () => {
    const event = toGoogleEvent('tenant-a', draft);
    const time = { start: Date.parse(draft.content.startsAt), end: Date.parse(draft.content.endsAt) };
    expect(fromGoogleEvent(event, 'UTC').mark).toEqual({ tenant: 'tenant-a', bookingId, time });
    expect(event.start).toEqual({ dateTime: draft.content.startsAt, timeZone: 'America/New_York' });
    expect(event.attendees).toBeUndefined();
  });

  it('is cut where Google would refuse it', () => {
    const content = someContent({ summary: 's'.repeat(5000), description: 'd'.repeat(50_000) });
    const event = toGoogleEvent('tenant-a', { ...draft, content });
    expect(event.summary).toHaveLength(1024);
    expect(event.description).toHaveLength(8192);
  });

  it('leaves guests and reminders to the owner once it is there', () => {
    const change = toGoogleChange('tenant-a', draft);
    expect(change).not.toHaveProperty('attendees');
    expect(change).not.toHaveProperty('reminders');
  });

  it('changes nothing that it said before: what the owner made of that stays', () => {
    const change = toGoogleChange('tenant-a', draft, draft.content);
    for (const field of ['summary', 'description', 'location', 'start', 'end']) {
      expect(change).not.toHaveProperty(field);
    }
    const moved = { ...draft, content: { ...draft.content, endsAt: draft.content.startsAt } };
    expect(Object.keys(toGoogleChange('tenant-a', moved, draft.content))).toEqual(
      expect.arrayContaining(['start', 'end', 'extendedProperties']),
    );
    expect(toGoogleChange('tenant-a', moved, draft.content)).not.toHaveProperty('summary');
  });
});

describe('what Google says of an event', () => {
  it('says whose it is also where the time that we noted in it cannot be read', () => {
    const mark = { receptionistTenant: 'tenant-a', receptionistBooking: bookingId };
    for (const receptionistTime of ['', '/', 'soon/later', '2027-01-20T19:00:00.000Z', 7]) {
      const extendedProperties = { private: { ...mark, receptionistTime } as Record<string, string> };
      expect(fromGoogleEvent({ id: 'x', extendedProperties }, 'UTC').mark).toEqual({
        tenant: 'tenant-a',
        bookingId,
      });
    }
  });

  it.each([
    ['pending', { createRequest: { status: { statusCode: 'pending' } } }, 'pending'],
    ['failure', { createRequest: { status: { statusCode: 'failure' } } }, 'failed'],
    ['nothing', undefined, 'none'],
  ])('makes up no link for a conference with status %s', (_, conferenceData, conference) => {
    expect(fromGoogleEvent({ id: 'x', conferenceData }, 'UTC')).toMatchObject({
      conference,
      meetLink: null,
    });
  });

  it('is when it takes place, its whole days by the calendar’s zone, and when it was changed last', () => {
    const updated = '2026-01-20T08:00:00.123Z';
    const atNine = { dateTime: '2026-01-21T09:00:00-05:00' };
    const atTen = { dateTime: '2026-01-21T10:00:00-05:00' };
    const time = { start: Date.parse('2026-01-21T14:00Z'), end: Date.parse('2026-01-21T15:00Z') };
    const event = { id: 'x', etag: '"1"', updated, start: atNine, end: atTen };
    expect(fromGoogleEvent(event, 'UTC')).toMatchObject({
      etag: '"1"',
      updatedAt: new Date(updated),
      cancelled: false,
      blocks: true,
      time,
    });
    const allDay = { id: 'x', start: { date: '2026-01-21' }, end: { date: '2026-01-22' } };
    const start = Date.parse('2026-01-21T05:00Z');
    expect(fromGoogleEvent(allDay, 'America/New_York').time).toEqual({ start, end: start + 86_400_000 });
  });

  it('is at no time where it is deleted, or where its times cannot be read', () => {
    const start = { dateTime: '2026-01-21T09:00:00-05:00' };
    expect(fromGoogleEvent({ id: 'x', status: 'cancelled', start, end: start }, 'UTC')).toMatchObject({
      cancelled: true,
      blocks: false,
      time: null,
    });
    expect(fromGoogleEvent({ id: 'x', start: { dateTime: 'soon' }, updated: 'lately' }, 'UTC')).toMatchObject(
      {
        cancelled: false,
        time: null,
        updatedAt: null,
      },
    );
  });
});
