import { invalidInput } from '../platform/errors/domain-error.js';
import { decodeSlotId, type SlotReference } from './availability/slot-id.js';
import type { HeldTime } from './hold.js';

/** How a request names a time: by a slot that was offered or by a start. */
export interface AskedTime {
  slotId?: string;
  /** ISO 8601 with offset. */
  startsAt?: string;
  serviceId?: string;
  resourceId?: string;
}

export interface AskedStart {
  /** Epoch milliseconds. */
  start: number;
  /** Undefined: the tenant's first. */
  serviceId?: string;
  /** Undefined: any that is free. */
  resourceId?: string;
}

/** @throws DomainError `invalid_input` unless exactly one of slot and start is given, or for what contradicts the slot */
export function startAsked({ slotId, startsAt, serviceId, resourceId }: AskedTime): AskedStart {
  if (slotId === undefined && startsAt !== undefined)
    return { start: Date.parse(startsAt), serviceId, resourceId };
  if (slotId === undefined || startsAt !== undefined) {
    throw invalidInput({ field: 'startsAt', message: 'give either startsAt or slotId' });
  }
  const slot = slotAsked(slotId);
  for (const [field, given, inSlot] of [
    ['serviceId', serviceId, slot.serviceId],
    ['resourceId', resourceId, slot.resourceId],
  ] as const) {
    if (given !== undefined && inSlot !== null && given !== inSlot)
      throw invalidInput({ field, message: 'is not that of the slot' });
  }
  return { start: slot.start, serviceId: slot.serviceId, resourceId: slot.resourceId ?? resourceId };
}

/** Whether a request that names a hold says its time again. */
export function isTimeSaid({ slotId, startsAt }: AskedTime): boolean {
  return slotId !== undefined || startsAt !== undefined;
}

/** @throws DomainError `invalid_input` for a time, service or resource that is not the hold's */
export function refuseAnotherTime(wish: AskedTime, hold: HeldTime): void {
  const asked: Partial<AskedStart> = isTimeSaid(wish) ? startAsked(wish) : wish;
  const said = (field: 'startsAt' | 'serviceId' | 'resourceId') =>
    wish[field] === undefined ? 'slotId' : field;
  const wrong = new Set<string>();
  if ((asked.start ?? hold.startsAt.getTime()) !== hold.startsAt.getTime()) wrong.add(said('startsAt'));
  if ((asked.serviceId ?? hold.serviceId) !== hold.serviceId) wrong.add(said('serviceId'));
  if ((asked.resourceId ?? hold.resourceId) !== hold.resourceId) wrong.add(said('resourceId'));
  if (wrong.size === 0) return;
  throw invalidInput(...[...wrong].map((field) => ({ field, message: 'is not that of the hold' })));
}

function slotAsked(slotId: string): SlotReference {
  const slot = decodeSlotId(slotId);
  if (slot !== undefined) return slot;
  throw invalidInput({ field: 'slotId', message: 'is not the id of a slot that was offered' });
}
