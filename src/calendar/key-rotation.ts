import type { Database } from '../platform/database/database.js';
import { asTenantId } from '../platform/database/tenant-id.js';
import { placeOf, type TokenField } from './encrypted-token.repository.js';
import { TokenCipherError, type TokenCipher } from '../platform/encryption/token-cipher.js';

const BATCH = 100;

type SystemDatabase = Pick<Database, 'inSystem'>;

export interface RotationCounts {
  /** Rows that are under the first key now. */
  rotated: number;
  /** Rows that somebody else changed meanwhile: a refresh writes under the first key by itself. */
  changed: number;
  /** Rows that no key of the settings opens. */
  unreadable: { tenantId: string; connectionId: string; problem: string }[];
}

interface TokenRow {
  tenantId: string;
  connectionId: string;
  accessToken: string;
  refreshToken: string;
}

/**
 * Encrypts every stored token that is under another key anew under the first key of the settings. A row is replaced only if
 * it is still what was read, so the service may go on refreshing tokens at the same time.
 */
export async function rotateKeys(database: SystemDatabase, cipher: TokenCipher): Promise<RotationCounts> {
  const counts: RotationCounts = { rotated: 0, changed: 0, unreadable: [] };
  let last: TokenRow | undefined;
  do {
    const rows = await findOlder(database, cipher.keyId, last);
    for (const row of rows) {
      try {
        const isReplaced = await replace(database, row, reencrypted(cipher, row), cipher.keyId);
        counts[isReplaced ? 'rotated' : 'changed'] += 1;
      } catch (error) {
        if (!(error instanceof TokenCipherError)) throw error;
        const { tenantId, connectionId } = row;
        counts.unreadable.push({ tenantId, connectionId, problem: error.problem });
      }
    }
    last = rows.length === BATCH ? rows.at(-1) : undefined;
  } while (last !== undefined);
  return counts;
}

function findOlder(
  database: SystemDatabase,
  keyId: string,
  after: TokenRow | undefined,
): Promise<TokenRow[]> {
  return database.inSystem((sql) =>
    sql.query<TokenRow>(
      `SELECT tenant_id AS "tenantId", connection_id AS "connectionId", access_token AS "accessToken",
         refresh_token AS "refreshToken"
       FROM tenant_google_token
       WHERE key_id <> $1 AND ($2::uuid IS NULL OR (tenant_id, connection_id) > ($2, $3::uuid))
       ORDER BY tenant_id, connection_id LIMIT $4`,
      [keyId, after?.tenantId ?? null, after?.connectionId ?? null, BATCH],
    ),
  );
}

function reencrypted(cipher: TokenCipher, row: TokenRow): Pick<TokenRow, 'accessToken' | 'refreshToken'> {
  const connection = { tenant: asTenantId(row.tenantId), connectionId: row.connectionId };
  const renew = (ciphertext: string, field: TokenField): string => {
    const place = placeOf(connection, field);
    return cipher.encrypt(cipher.decrypt(ciphertext, place), place);
  };
  return {
    accessToken: renew(row.accessToken, 'access_token'),
    refreshToken: renew(row.refreshToken, 'refresh_token'),
  };
}

async function replace(
  database: SystemDatabase,
  { tenantId, connectionId, accessToken, refreshToken }: TokenRow,
  renewed: Pick<TokenRow, 'accessToken' | 'refreshToken'>,
  keyId: string,
): Promise<boolean> {
  const rows = await database.inSystem((sql) =>
    sql.query(
      `UPDATE tenant_google_token SET key_id = $5, access_token = $6, refresh_token = $7
       WHERE tenant_id = $1 AND connection_id = $2 AND access_token = $3 AND refresh_token = $4 RETURNING 1`,
      [tenantId, connectionId, accessToken, refreshToken, keyId, renewed.accessToken, renewed.refreshToken],
    ),
  );
  return rows.length > 0;
}
