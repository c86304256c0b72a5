import { GOOGLE_TOKENS } from './calendar/encrypted-token.repository.js';
import type { EncryptedTable } from './platform/encryption/encrypted-table.js';
import { CONNECTION_SECRETS } from './tenant/agent-connection.repository.js';

/** Everything that is encrypted at rest, by what it is of. */
export const ENCRYPTED_TABLES: Readonly<Record<string, EncryptedTable>> = {
  'calendar connections': GOOGLE_TOKENS,
  'agent connections': CONNECTION_SECRETS,
};
