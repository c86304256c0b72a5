import {
  MOST_POLLS_PER_MINUTE,
  nextPollMs,
  retrySyncMs,
  type SyncedCalendar,
} from '../../../src/calendar/mirror/sync-schedule.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POLL_MS = 5 * MINUTE;
/** @see https://developers.google.com/workspace/calendar/api/guides/quota */
const PROJECT_PER_MINUTE = 10_000;
const USER_PER_MINUTE = 600;

const quiet: SyncedCalendar = { quietForMs: Infinity, hasPush: false, staleAfterMs: HOUR };
const few = { pollMs: POLL_MS, calendars: 10 };

describe('when a calendar is looked at again', () => {
  it.each<[string, Partial<SyncedCalendar>, number]>([
    ['after one polling period', {}, POLL_MS],
    ['sooner where it has just changed', { quietForMs: 10 * MINUTE }, POLL_MS / 3],
    ['later where Google tells of changes', { hasPush: true }, 4 * POLL_MS],
    ['before what is known of it would be stale', { hasPush: true, staleAfterMs: 5 * MINUTE }, 2.5 * MINUTE],
  ])('%s', (_, changes, expected) => {
    const calendar = { ...quiet, ...changes };
    expect(nextPollMs(calendar, few, 0)).toBe(expected);
    expect(nextPollMs(calendar, few, 1)).toBe(0.6 * expected);
  });

  it('is later the more calendars there are, so that all together keep within their share of the quota', () => {
    const many = { pollMs: POLL_MS, calendars: 100_000 };
    const mean = (nextPollMs(quiet, many, 0) + nextPollMs(quiet, many, 1)) / 2;
    expect(100_000 / (mean / MINUTE)).toBeLessThanOrEqual(MOST_POLLS_PER_MINUTE);
  });

  it.each([
    ['grant_revoked', null],
    ['forbidden_scope', null],
    ['quota_exhausted', HOUR],
    ['calendar_gone', 2_500],
    ['forbidden', 2_500],
    ['invalid', 2_500],
    ['rate_limited', 2_500],
    ['unavailable', 2_500],
  ] as const)('after %s: in at least %s ms', (kind, leastMs) => {
    const first = retrySyncMs({ kind, failures: 1 }, 0);
    const later = retrySyncMs({ kind, failures: 1 }, 1);
    if (leastMs === null) expect([first, later]).toEqual([null, null]);
    else expect(Math.min(first ?? 0, later ?? 0)).toBeGreaterThanOrEqual(leastMs);
  });

  it.each(['calendar_gone', 'forbidden', 'invalid'] as const)(
    'after %s: as after what fails for a while, and only then once an hour',
    (kind) => {
      const waits = [1, 5, 60, 61].map((failures) => retrySyncMs({ kind, failures }, 0) ?? 0);
      expect(waits).toEqual([2_500, 40_000, 2.5 * MINUTE, HOUR]);
    },
  );

  it('waits longer the more often it has failed, up to five minutes, and never less than Google asks', () => {
    const waits = [1, 2, 3, 4, 10, 50].map(
      (failures) => retrySyncMs({ kind: 'unavailable', failures }, 1) ?? 0,
    );
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(5 * MINUTE);
    expect(retrySyncMs({ kind: 'rate_limited', failures: 1, retryAfterMs: 7 * MINUTE }, 0)).toBe(7 * MINUTE);
  });
});

describe('a day of 10,000 connected organisations', () => {
  /** Numbers in [0, 1) that are the same in every run (a linear congruential generator, Numerical Recipes' constants). */
  function randomFrom(seed: number): () => number {
    let state = seed;
    return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  }

  /** @returns how many looks there are in each minute, and the longest that a calendar was not looked at */
  function simulate({
    calendars,
    hasPush,
    livelyShare,
    hours,
  }: {
    calendars: number;
    hasPush: boolean;
    livelyShare: number;
    hours: number;
  }) {
    const random = randomFrom(20_261_126);
    const plan = { pollMs: POLL_MS, calendars };
    const perMinute = new Uint32Array(hours * 60);
    let longestMs = 0;
    for (let calendar = 0; calendar < calendars; calendar += 1) {
      // All at once, as when the service starts again after an outage.
      let at = 0;
      const isLively = random() < livelyShare;
      const quietForMs = isLively ? 0 : Infinity;
      while (at < hours * HOUR) {
        const minute = Math.floor(at / MINUTE);
        perMinute[minute] = (perMinute[minute] ?? 0) + 1;
        const next = nextPollMs({ quietForMs, hasPush, staleAfterMs: HOUR }, plan, random());
        longestMs = Math.max(longestMs, next);
        at += next;
      }
    }
    return { perMinute: [...perMinute], longestMs };
  }

  it.each([
    ['one calendar each, without push', { calendars: 10_000, hasPush: false, livelyShare: 0.2 }, POLL_MS],
    ['one calendar each, with push', { calendars: 10_000, hasPush: true, livelyShare: 0.2 }, 4 * POLL_MS],
    [
      'two calendars each, a fifth of them lively, without push',
      { calendars: 20_000, hasPush: false, livelyShare: 0.2 },
      POLL_MS,
    ],
    ['every calendar lively', { calendars: 20_000, hasPush: false, livelyShare: 1 }, POLL_MS],
    [
      'five calendars each, without push',
      { calendars: 50_000, hasPush: false, livelyShare: 0.1 },
      13 * MINUTE,
    ],
  ])('%s: within the quota of the project, spread evenly, none forgotten', (_, world, longestMs) => {
    const simulated = simulate({ ...world, hours: 6 });
    // What came together at the start has spread within three hours.
    const settled = simulated.perMinute.slice(180);
    const mean = settled.reduce((sum, looks) => sum + looks, 0) / settled.length;
    expect(Math.max(...settled)).toBeLessThan(PROJECT_PER_MINUTE * 0.6);
    expect(mean).toBeLessThanOrEqual(MOST_POLLS_PER_MINUTE * 1.02);
    expect(Math.max(...settled)).toBeLessThan(mean * 1.25);
    expect(simulated.longestMs).toBeLessThanOrEqual(longestMs);
  });

  it('asks in the name of one account no more often than Google lets it, whatever it has', () => {
    // Two hundred calendars of one account, all of them lively.
    const { perMinute } = simulate({ calendars: 200, hasPush: false, livelyShare: 1, hours: 2 });
    expect(Math.max(...perMinute)).toBeLessThan(USER_PER_MINUTE);
  });
});
