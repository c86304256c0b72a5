import type { Window } from './busy-mirror.repository.js';

const DAY_MS = 86_400_000;
/** Most callers ask for the next days: they are read with whatever is asked for, so that there is a last known state. */
const ALWAYS_MS = 30 * DAY_MS;
/** Nobody can be booked in the past, however far back somebody asks: reading it all would take thousands of requests. */
const PAST_MS = 2 * DAY_MS;
/** A window further ahead than this is read by itself: everything up to it would take many requests. */
const TOGETHER_MS = 90 * DAY_MS;

/** What to read when a window is asked for, and what is known afterwards. */
export class MirrorWindow {
  private constructor(
    readonly window: Window,
    /** One unbroken window that is known after the reading; null when the reading lies apart from it. */
    readonly extent: Window | null,
  ) {}

  static around(wanted: Window, now: number): MirrorWindow {
    if (wanted.from > now + ALWAYS_MS && wanted.to > now + TOGETHER_MS) return new MirrorWindow(wanted, null);
    const from = Math.max(Math.min(wanted.from, now), now - PAST_MS);
    const window = { from, to: Math.max(wanted.to, now + ALWAYS_MS) };
    return new MirrorWindow(window, window);
  }
}
