const MINUTE = 60_000;
/** Stands for "any resource" (RFC 9562, section 5.9): no resource has it. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** The last two bytes of the resource's id and the start: written over for each slot. */
const ending = Buffer.alloc(6);

/** What is booked when a slot is taken: a service, given by a resource, from an instant on. */
export interface SlotReference {
  serviceId: string;
  /** Null: any resource that is free when the slot is booked. */
  resourceId: string | null;
  /** Epoch milliseconds, on a whole minute. */
  start: number;
}

/**
 * An opaque id for a slot, the same each time the slot is offered: 36 bytes (both ids and the start in minutes since the
 * epoch) as 48 characters of base64url. It carries no right: whether the slot can be booked is decided when it is booked,
 * and its ids are looked up among the tenant's own.
 */
export function encodeSlotId({ serviceId, resourceId, start }: SlotReference): string {
  return slotIdsOf(serviceId, resourceId)(start);
}

/** As `encodeSlotId`, for many slots: what they have in common, all but the last eight characters, is written once. */
export function slotIdsOf(serviceId: string, resourceId: string | null): (start: number) => string {
  const ids = (serviceId + (resourceId ?? NIL_UUID)).replaceAll('-', '');
  const common = Buffer.from(ids.slice(0, 60), 'hex').toString('base64url');
  const rest = parseInt(ids.slice(60), 16);
  return (start) => {
    ending.writeUInt16BE(rest, 0);
    ending.writeUInt32BE(start / MINUTE, 2);
    return common + ending.toString('base64url');
  };
}

/** The slot that an id stands for; undefined for text that `encodeSlotId` cannot have made. */
export function decodeSlotId(slotId: string): SlotReference | undefined {
  if (!/^[A-Za-z0-9_-]{48}$/.test(slotId)) return undefined;
  const bytes = Buffer.from(slotId, 'base64url');
  const resourceId = uuidAt(bytes, 16);
  return {
    serviceId: uuidAt(bytes, 0),
    resourceId: resourceId === NIL_UUID ? null : resourceId,
    start: bytes.readUInt32BE(32) * MINUTE,
  };
}

function uuidAt(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
