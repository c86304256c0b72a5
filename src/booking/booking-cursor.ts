import { isUuid } from '../platform/database/tenant-id.js';
import { invalidInput } from '../platform/errors/domain-error.js';
import type { BookingPosition } from './booking.repository.js';

/** Where the next page of a list begins: opaque to clients. */
export function encodeCursor({ startsAt, id }: BookingPosition): string {
  return Buffer.from(`${startsAt.getTime()} ${id}`).toString('base64url');
}

/** @throws DomainError `invalid_input` for what `encodeCursor` cannot have made */
export function decodeCursor(cursor: string): BookingPosition {
  const [, time, id] = /^(-?\d{1,14}) (.{36})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || !isUuid(id)) {
    throw invalidInput({ field: 'cursor', message: 'is not a cursor that this list gave' });
  }
  return { startsAt: new Date(Number(time)), id };
}
