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
    expect(fromGoogleEvent(event).mark).toEqual({ tenant: 'tenant-a', bookingId });
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
});

describe('what Google says of an event', () => {
  it.each([
    ['pending', { createRequest: { status: { statusCode: 'pending' } } }, 'pending'],
    ['failure', { createRequest: { status: { statusCode: 'failure' } } }, 'failed'],
    ['nothing', undefined, 'none'],
  ])('makes up no link for a conference with status %s', (_, conferenceData, conference) => {
    expect(fromGoogleEvent({ id: 'x', conferenceData })).toMatchObject({ conference, meetLink: null });
  });
});
