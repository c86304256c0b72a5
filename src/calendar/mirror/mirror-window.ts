import type { Window } from './sync.repository.js';

const DAY_MS = 86_400_000;
/** Nobody can be booked in the past; what began before and goes on is listed anyway. */
const PAST_MS = 2 * DAY_MS;
/** An appointment that starts on the last day may go on for a day, and so may its buffers and the zones. */
const SLACK_MS = 4 * DAY_MS;
/** A full synchronisation looks so much further than is needed, and is good for as long. */
const EXTRA_MS = 30 * DAY_MS;

/** Up to where a calendar has to be known for the furthest advance that any service allows. */
export function neededUntil(now: number, maxAdvanceDays: number): number {
  return now + maxAdvanceDays * DAY_MS + SLACK_MS;
}

/** What a full synchronisation lists. Windows of many calendars should not end on the same day: `random` is from 0 to 1. */
export function fullWindow(now: number, maxAdvanceDays: number, random = Math.random()): Window {
  const from = Math.floor((now - PAST_MS) / DAY_MS) * DAY_MS;
  return { from, to: neededUntil(now, maxAdvanceDays) + Math.round(EXTRA_MS * (0.5 + random / 2)) };
}
