import { isUuid } from '../platform/database/tenant-id.js';
import { invalidInput } from '../platform/errors/domain-error.js';

/** The place of a row in a list ordered by age: where the next page begins. */
export interface PageCursor {
  createdAt: Date;
  id: string;
}

/** Opaque to clients. */
export function encodeCursor({ createdAt, id }: PageCursor): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** @throws DomainError `invalid_input` when `text` is no cursor that this service gave out. */
export function decodeCursor(text: string): PageCursor {
  const [, milliseconds, id] = /^(\d{1,15})\.(.+)$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (milliseconds === undefined || !isUuid(id)) {
    throw invalidInput({ field: 'cursor', message: 'must be the nextCursor of an earlier answer' });
  }
  return { createdAt: new Date(Number(milliseconds)), id };
}
