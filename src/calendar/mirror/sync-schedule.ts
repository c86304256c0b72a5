import type { CalendarErrorKind } from '../calendar-error.js';
import { retryDelayMs } from '../retry-delay.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A calendar that changed within this time is looked at more often: whoever is at it changes it again. */
const LIVELY_MS = HOUR;
const LIVELY_SHARE = 1 / 3;
/** Where Google tells of changes, looking is only for what it did not tell. */
const PUSHED_TIMES = 4;
/** Waits are shortened by up to this share, so that what came together does not stay together. */
const JITTER = 0.4;
/**
 * How many calendars may be looked at in a minute, of the 10,000 requests that Google allows a project: the rest is for bookings,
 * and for what Google tells of.
 * @see https://developers.google.com/workspace/calendar/api/guides/quota
 */
export const MOST_POLLS_PER_MINUTE = 5_000;
const FIRST_RETRY_MS = 5_000;
const QUOTA_WAIT_MS = HOUR;
/** After so many refusals in a row, some hours, it is no outage of Google's, and looked at again now and then. */
const MOST_REFUSALS = 60;
const REFUSED_WAIT_MS = HOUR;

/** What the next look at a calendar depends on. */
export interface SyncedCalendar {
  /** Milliseconds since something last changed in it; Infinity for never. */
  quietForMs: number;
  hasPush: boolean;
  /** How old the knowledge of it may become, in milliseconds. */
  staleAfterMs: number;
}

/** For how many calendars, and how often at least. */
export interface PollPlan {
  /** The longest time between two looks at a calendar of which Google does not tell, in milliseconds. */
  pollMs: number;
  /** All that are mirrored, of all tenants. */
  calendars: number;
}

/**
 * How long until a calendar that was synchronised is looked at again, in milliseconds: sooner where it has just changed, later where
 * Google tells of changes, never so late that what is known of it would count as stale, and never so soon that all together would use up
 * the project's quota.
 * @param random from 0 to 1
 */
export function nextPollMs(
  { quietForMs, hasPush, staleAfterMs }: SyncedCalendar,
  { pollMs, calendars }: PollPlan,
  random = Math.random(),
): number {
  const wanted = hasPush ? pollMs * PUSHED_TIMES : quietForMs < LIVELY_MS ? pollMs * LIVELY_SHARE : pollMs;
  const intervalMs = Math.min(wanted, staleAfterMs / 2);
  const leastMs = (calendars / MOST_POLLS_PER_MINUTE) * MINUTE;
  // The jitter shortens: the mean of what is left is what the quota has to bear.
  return Math.round(Math.max(intervalMs, leastMs / (1 - JITTER / 2)) * (1 - JITTER * random));
}

export interface FailedSync {
  kind: CalendarErrorKind;
  retryAfterMs?: number;
  /** How many failed in a row, this one included. */
  failures: number;
}

/** How long until a calendar that could not be synchronised is tried again, in milliseconds; null when only its owner can help. */
export function retrySyncMs(
  { kind, retryAfterMs = 0, failures }: FailedSync,
  random = Math.random(),
): number | null {
  switch (kind) {
    case 'grant_revoked':
    case 'forbidden_scope':
      return null;
    case 'quota_exhausted':
      return Math.round(Math.max(retryAfterMs, QUOTA_WAIT_MS * (1 + random / 4)));
    case 'calendar_gone':
    case 'forbidden':
    case 'invalid':
      if (failures > MOST_REFUSALS) return Math.round(REFUSED_WAIT_MS * (1 - JITTER * random));
      return retryDelayMs({ attempt: failures, baseMs: FIRST_RETRY_MS, retryAfterMs }, random);
    default:
      return retryDelayMs({ attempt: failures, baseMs: FIRST_RETRY_MS, retryAfterMs }, random);
  }
}
