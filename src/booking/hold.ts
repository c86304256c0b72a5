import type { Interval } from './engine/intervals.js';
import { encodeSlotId } from './availability/slot-id.js';
import { toIsoWithOffset } from './engine/zoned-time.js';

/** A time that is kept for somebody who has not decided yet. The booking that is made of it keeps its id. */
export interface Hold {
  id: string;
  serviceId: string;
  resourceId: string;
  startsAt: Date;
  endsAt: Date;
  /** With buffers. */
  blocked: Interval;
  timezone: string;
  expiresAt: Date;
}

/** What a hold is of. */
export type HeldTime = Pick<Hold, 'serviceId' | 'resourceId' | 'startsAt'>;

/** Thrown to roll a transaction back: by the time it came to the hold, that was used, released or had run out. */
export class HoldLost extends Error {}

/** A hold as clients see it. Times are ISO 8601, those of the appointment with the offset of its zone. */
export interface HoldView {
  id: string;
  expiresAt: string;
  slotId: string;
  startsAt: string;
  endsAt: string;
  serviceId: string;
  resourceId: string;
}

/** @param askedResourceId the only resource that would do; undefined where any would */
export function holdView(hold: Hold, askedResourceId: string | undefined): HoldView {
  const at = (instant: Date) => toIsoWithOffset(instant.getTime(), hold.timezone);
  const { id, serviceId, resourceId, startsAt, endsAt, expiresAt } = hold;
  return {
    id,
    expiresAt: expiresAt.toISOString(),
    slotId: encodeSlotId({ serviceId, resourceId: askedResourceId ?? null, start: startsAt.getTime() }),
    startsAt: at(startsAt),
    endsAt: at(endsAt),
    serviceId,
    resourceId,
  };
}
