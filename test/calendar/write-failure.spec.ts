import { CalendarError, CALENDAR_ERROR_KINDS } from '../../src/calendar/calendar-error.js';
import { retryDelayMs } from '../../src/calendar/retry-delay.js';
import { decideFailure } from '../../src/calendar/write-failure.js';

const DAY = 86_400_000;
const decide = (error: CalendarError, attempts = 1, waitingMs = 0, random = 0.5) =>
  decideFailure(error, { attempts, waitingMs }, { baseMs: 5000, random });

describe('after a failed attempt to write an event', () => {
  const REFUSALS = ['calendar_gone', 'forbidden', 'invalid', 'conference_refused', 'guest_refused'] as const;

  it.each(REFUSALS)('%s is tried again for a day, and then given up, visibly', (kind) => {
    const error = new CalendarError(kind);
    expect(decide(error)).toMatchObject({ status: 'pending', reason: kind });
    expect(decide(error).retryInMs).toBeLessThan(10_000);
    const late = decide(error, 90, 0.99 * DAY);
    expect(late).toMatchObject({ status: 'pending', reason: kind });
    expect(late.retryInMs).toBeLessThanOrEqual(15 * 60_000);
    expect(decide(error, 90, 1.01 * DAY)).toMatchObject({ status: 'failed', reason: kind, retryInMs: null });
  });

  it.each(REFUSALS)('%s is given up at once where it had been before', (kind) => {
    const failed = { attempts: 1, waitingMs: 0, isRevived: true };
    expect(decideFailure(new CalendarError(kind), failed, { baseMs: 5000 })).toMatchObject({
      status: 'failed',
    });
  });

  it('another event than the one that was asked for is given up at once', () => {
    expect(decide(new CalendarError('wrong_event'))).toMatchObject({
      status: 'failed',
      reason: 'wrong_event',
      retryInMs: null,
    });
  });

  it('an owner of whom a rule asks more is told which', () => {
    expect(decide(new CalendarError('grant_revoked', { reason: 'admin_policy_enforced' }))).toMatchObject({
      status: 'pending',
      reason: 'needs_reconnect',
      needsReconnect: 'admin_policy_enforced',
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
    const settled = [...REFUSALS, 'wrong_event', 'grant_revoked', 'forbidden_scope'] as string[];
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
