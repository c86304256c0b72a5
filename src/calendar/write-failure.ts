import type { CalendarError } from './calendar-error.js';
import { retryDelayMs } from './retry-delay.js';

/** Whatever still fails after this long is given to a person to look at. */
const GIVE_UP_MS = 7 * 86_400_000;
/** A quota that is used up comes back after hours; asking sooner only uses up more. */
const QUOTA_WAIT_MS = 3_600_000;

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
  { attempts, waitingMs }: { attempts: number; waitingMs: number },
  { baseMs, random = Math.random() }: { baseMs: number; random?: number },
): FailureDecision {
  const { kind, retryAfterMs } = error;
  switch (kind) {
    case 'grant_revoked':
      return {
        status: 'pending',
        reason: 'needs_reconnect',
        retryInMs: null,
        needsReconnect: 'grant_revoked',
      };
    case 'forbidden_scope':
      return {
        status: 'pending',
        reason: 'needs_reconnect',
        retryInMs: null,
        needsReconnect: 'missing_scope',
      };
    case 'calendar_gone':
    case 'forbidden':
    case 'invalid':
      return { status: 'failed', reason: kind, retryInMs: null, needsReconnect: null };
    default: {
      if (waitingMs > GIVE_UP_MS)
        return { status: 'failed', reason: kind, retryInMs: null, needsReconnect: null };
      const retryInMs =
        kind === 'quota_exhausted'
          ? Math.max(retryAfterMs ?? 0, QUOTA_WAIT_MS * (1 + random / 4))
          : retryDelayMs({ attempt: attempts, baseMs, retryAfterMs }, random);
      return { status: 'pending', reason: kind, retryInMs, needsReconnect: null };
    }
  }
}
