import { invalidInput } from '../../platform/errors/domain-error.js';

const MINUTE = 60_000;

/** Where the next page of slots begins, epoch milliseconds on a whole minute: opaque to clients. */
export function encodeCursor(start: number): string {
  return Buffer.from(`from ${start / MINUTE}`).toString('base64url');
}

/** @throws DomainError `invalid_input` for what `encodeCursor` cannot have made */
export function decodeCursor(cursor: string): number {
  const [, minutes] = /^from (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (minutes !== undefined) return Number(minutes) * MINUTE;
  throw invalidInput({ field: 'cursor', message: 'must be the nextCursor of an earlier answer' });
}
