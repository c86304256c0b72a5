import type { CalendarError } from './calendar-error.js';
import { WRONG_EVENT } from './event-write.sql.js';
import { retryDelayMs } from './retry-delay.js';

const DAY_MS = 86_400_000;
/** Whatever still fails after this long is given to a person to look at. */
const GIVE_UP_MS = 7 * DAY_MS;
/** So long Google may refuse: what is a mistake or an outage at Google's end is over by then, and what is not needs a person. */
const REFUSED_GIVE_UP_MS = DAY_MS;
/** What is refused is tried again less often than what fails. */
const LONGEST_REFUSED_WAIT_MS = 15 * 60_000;
/** A quota that is used up comes back after hours; asking sooner only uses up more. */
const QUOTA_WAIT_MS = 3_600_000;

export interface FailedAttempt {
  /** How many failed by now, this one included. */
  attempts: number;
  /** For how long it has been tried. */
  waitingMs: number;
  /** It had been given up before: one that is refused again is given up again at once. */
  isRevived?: boolean;
}

export interface FailureDecision {
  status: 'pending' | 'failed';
  reason: string;
  /** When to try again; null when only a person can help. */
  retryInMs: number | null;
  /** Why the owner has to connect again, if so. */
  needsReconnect: string | null;
}

/** What becomes of an event's write after a failed attempt. */
export function decideFailure(
  error: CalendarError,
  { attempts, waitingMs, isRevived = false }: FailedAttempt,
  { baseMs, random = Math.random() }: { baseMs: number; random?: number },
): FailureDecision {
  const { kind, retryAfterMs, reconnectReason: needsReconnect } = error;
  if (needsReconnect !== null)
    return { status: 'pending', reason: 'needs_reconnect', retryInMs: null, needsReconnect };
  const givenUp = { status: 'failed', reason: kind, retryInMs: null, needsReconnect } as const;
  const again = { status: 'pending', reason: kind, needsReconnect } as const;
  switch (kind) {
    case 'wrong_event':
      return { ...givenUp, reason: WRONG_EVENT };
    case 'calendar_gone':
    case 'forbidden':
    case 'invalid':
    case 'conference_refused':
    case 'guest_refused': {
      if (isRevived || waitingMs > REFUSED_GIVE_UP_MS) return givenUp;
      const waits = { attempt: attempts, baseMs, retryAfterMs, longestMs: LONGEST_REFUSED_WAIT_MS };
      return { ...again, retryInMs: retryDelayMs(waits, random) };
    }
    default: {
      if (waitingMs > GIVE_UP_MS) return givenUp;
      const retryInMs =
        kind === 'quota_exhausted'
          ? Math.max(retryAfterMs ?? 0, QUOTA_WAIT_MS * (1 + random / 4))
          : retryDelayMs({ attempt: attempts, baseMs, retryAfterMs }, random);
      return { ...again, retryInMs };
    }
  }
}
