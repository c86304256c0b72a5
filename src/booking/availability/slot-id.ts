const MINUTE = 60_000;
/** Stands for "any resource" (RFC 9562, section 5.9): no resource has it. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

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
  const bytes = Buffer.alloc(36);
  bytes.write(serviceId.replaceAll('-', ''), 0, 'hex');
  if (resourceId !== null) bytes.write(resourceId.replaceAll('-', ''), 16, 'hex');
  const common = bytes.toString('base64url', 0, 30);
  return (start) => {
    bytes.writeUInt32BE(start / MINUTE, 32);
    return common + bytes.toString('base64url', 30);
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
