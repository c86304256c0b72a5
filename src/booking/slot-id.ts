const MINUTE = 60_000;

/** What is booked when a slot is taken: a service, given by a resource, from an instant on. */
export interface SlotReference {
  serviceId: string;
  resourceId: string;
  /** Epoch milliseconds, on a whole minute. */
  start: number;
}

/**
 * An opaque id for a slot, the same each time the slot is offered: 36 bytes (both ids and the start in minutes since the
 * epoch) as 48 characters of base64url. It carries no right: whether the slot can be booked is decided when it is booked,
 * and its ids are looked up among the tenant's own.
 */
export function encodeSlotId({ serviceId, resourceId, start }: SlotReference): string {
  const bytes = Buffer.alloc(36);
  bytes.write(serviceId.replaceAll('-', ''), 0, 'hex');
  bytes.write(resourceId.replaceAll('-', ''), 16, 'hex');
  bytes.writeUInt32BE(start / MINUTE, 32);
  return bytes.toString('base64url');
}

/** The slot that an id stands for; undefined for text that `encodeSlotId` cannot have made. */
export function decodeSlotId(slotId: string): SlotReference | undefined {
  if (!/^[A-Za-z0-9_-]{48}$/.test(slotId)) return undefined;
  const bytes = Buffer.from(slotId, 'base64url');
  return {
    serviceId: uuidAt(bytes, 0),
    resourceId: uuidAt(bytes, 16),
    start: bytes.readUInt32BE(32) * MINUTE,
  };
}

function uuidAt(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
