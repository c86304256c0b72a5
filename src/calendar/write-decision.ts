import type { ClaimedWrite, WriteOutcome } from './claimed-write.js';
import { REMOVAL_UNCONFIRMED } from './event-write.sql.js';
import type { EventContent, ProviderEvent } from './calendar-provider.js';
import { MAY_STILL_APPEAR_MS, type RemovedLeftovers } from './leftover-events.js';
import { clock } from '../platform/time/clock.js';

/** The event is as it should be, and is still in another calendar as well. */
const OLD_EVENT_REMAINS = 'old_event_remains';

/** What the owner has done with the event, which the booking is to follow. */
export type OwnerEdit =
  /** `written`: what the event says, but for when it is; null where that is not known. */
  { kind: 'moved'; event: ProviderEvent; written: EventContent | null } | { kind: 'deleted' };

/** What follows from an attempt. */
export interface Decision {
  outcome: Omit<WriteOutcome, 'removedFrom' | 'doneStrays'>;
  /** What is to be followed when the outcome is stored, which depends on it. */
  ownerEdit?: OwnerEdit;
  /** When to come back; null when there is nothing to come back for. */
  retryInMs: number | null;
  needsReconnect?: string | null;
  /** The account did not answer within the attempt's time. */
  timedOut?: boolean;
}

/**
 * The event was taken away, or is not there by all that Google says. That it is not there is asked again some time later: it may still
 * appear, or that may have been said in error.
 */
export function removed(write: ClaimedWrite, isSure: boolean, missingMs: number): Decision {
  const outcome = { status: 'synced', event: null, writtenVersion: write.version, leftOut: [] } as const;
  const { previousAttemptAt } = write;
  const mayStillAppear =
    previousAttemptAt !== null && clock.now() - previousAttemptAt.getTime() < MAY_STILL_APPEAR_MS;
  if (isSure || (write.isLongMissing && !mayStillAppear))
    return { outcome: { ...outcome, reason: null }, retryInMs: null };
  return {
    outcome: { ...outcome, reason: REMOVAL_UNCONFIRMED, missing: true },
    retryInMs: mayStillAppear
      ? Math.min(MAY_STILL_APPEAR_MS, missingMs * 2 ** Math.min(write.attempts - 1, 10))
      : missingMs,
  };
}

/** The event itself is left as it is. */
export function unchanged({ state, failure }: ClaimedWrite): Decision {
  const reason = failure === OLD_EVENT_REMAINS ? null : failure;
  return { outcome: { status: state, reason }, retryInMs: null };
}

/** With what became of the event in the calendars where it does not belong any more. */
export function withLeftovers(
  { outcome, ownerEdit, retryInMs, needsReconnect }: Decision,
  { removedFrom, doneStrays, remains, retryInMs: againInMs }: RemovedLeftovers,
): Decision & { outcome: WriteOutcome } {
  const isAllElseWell = outcome.status === 'synced' && outcome.reason === null;
  const reason = remains && isAllElseWell ? OLD_EVENT_REMAINS : outcome.reason;
  const times = [retryInMs, againInMs].filter((time) => time !== null);
  return {
    outcome: { ...outcome, reason, removedFrom, doneStrays },
    ownerEdit,
    retryInMs: times.length === 0 ? null : Math.min(...times),
    needsReconnect,
  };
}
