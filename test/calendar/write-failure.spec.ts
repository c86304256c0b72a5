import { CalendarError, CALENDAR_ERROR_KINDS } from '../../src/calendar/calendar-error.js';
import { retryDelayMs } from '../../src/calendar/retry-delay.js';
import { decideFailure } from '../../src/calendar/write-failure.js';

const DAY = 86_400_000;
const decide = (error: CalendarError, attempts = 1, waitingMs = 0, random = 0.5) =>
  decideFailure(error, { attempts, waitingMs }, { baseMs: 5000, random });

describe('after a failed attempt to write an event', () => {
  it.each(['calendar_gone', 'forbidden', 'invalid'] as const)('%s is given up, visibly', (kind) => {
    expect(decide(new CalendarError(kind))).toMatchObject({
      status: 'failed',
      reason: kind,
      retryInMs: null,
    });
  });

  it.each([
    ['grant_revoked', 'grant_revoked'],
    ['forbidden_scope', 'missing_scope'],
  ] as const)('%s waits for the owner', (kind, needsReconnect) => {
    expect(decide(new CalendarError(kind))).toEqual({
      status: 'pending',
      reason: 'needs_reconnect',
      retryInMs: null,
      needsReconnect,
    });
  });

  it('everything else is tried again, and given up after seven days', () => {
    const settled = ['calendar_gone', 'forbidden', 'invalid', 'grant_revoked', 'forbidden_scope'];
    for (const kind of CALENDAR_ERROR_KINDS.filter((one) => !settled.includes(one))) {
      const error = new CalendarError(kind);
      expect(decide(error, 300, 6.9 * DAY)).toMatchObject({ status: 'pending', reason: kind });
      expect(decide(error, 300, 6.9 * DAY).retryInMs).toBeGreaterThan(0);
      expect(decide(error, 300, 7.1 * DAY)).toMatchObject({
        status: 'failed',
        reason: kind,
        retryInMs: null,
      });
    }
  });

  it('waits an hour when a quota is used up', () => {
    expect(decide(new CalendarError('quota_exhausted')).retryInMs).toBeGreaterThanOrEqual(3_600_000);
  });

  it('doubles the wait up to five minutes, with jitter', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((attempt) => retryDelayMs({ attempt, baseMs: 5000 }, 1));
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000));
    expect(retryDelayMs({ attempt: 3, baseMs: 5000 }, 0)).toBe(10_000);
  });

  it('never comes back before Retry-After', () => {
    expect(decide(new CalendarError('rate_limited', { retryAfterMs: 600_000 })).retryInMs).toBe(600_000);
    expect(decide(new CalendarError('rate_limited', { retryAfterMs: 10 })).retryInMs).toBeGreaterThan(2000);
  });
});
