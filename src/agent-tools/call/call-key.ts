import { createHash } from 'node:crypto';
import type { Author } from '../../booking/author.js';
import type { VoiceCall } from './voice-call.js';

/**
 * What the holds of one conversation are kept under: a hash of the platform's id of it or, where there is none, of the number
 * that calls. Another credential's conversation is another one, whatever it says. Undefined where nothing tells conversations
 * apart.
 */
export function callKey({ kind, id: author }: Author, { id, caller }: VoiceCall): string | undefined {
  const conversation = id === null ? (caller === null ? undefined : ['caller', caller]) : ['call', id];
  if (conversation === undefined) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([kind, author, ...conversation]))
    .digest('base64url');
}
