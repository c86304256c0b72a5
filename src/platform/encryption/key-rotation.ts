import type { Database } from '../database/database.js';
import { type EncryptedRow, type EncryptedTable, reencrypted, selectRows } from './encrypted-table.js';
import { TokenCipherError, type TokenCipher } from './token-cipher.js';

const BATCH = 100;

type SystemDatabase = Pick<Database, 'inSystem'>;

export interface RotationCounts {
  /** Rows that are under the first key now. */
  rotated: number;
  /** Rows that somebody else changed meanwhile: whoever does, writes under the first key. */
  changed: number;
  /** Rows that no key of the settings opens. */
  unreadable: { tenantId: string; connectionId: string; problem: string }[];
}

/**
 * Encrypts every row of a table that is under another key anew under the first key of the settings. A row is replaced only if
 * it is still what was read, so the service may go on writing at the same time.
 */
export async function rotateKeys(
  database: SystemDatabase,
  cipher: TokenCipher,
  table: EncryptedTable,
): Promise<RotationCounts> {
  const counts: RotationCounts = { rotated: 0, changed: 0, unreadable: [] };
  let last: EncryptedRow | undefined;
  do {
    const rows = await findOlder(database, cipher.keyId, table, last);
    for (const row of rows) {
      try {
        const renewed = reencrypted(cipher, table, row);
        const isReplaced = await replace(database, table, row, renewed, cipher.keyId);
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
  table: EncryptedTable,
  after: EncryptedRow | undefined,
): Promise<EncryptedRow[]> {
  const place = [after?.tenantId ?? null, after?.connectionId ?? null];
  return database.inSystem((sql) =>
    sql.query<EncryptedRow>(selectRows(table, 'key_id <> $4'), [...place, BATCH, keyId]),
  );
}

async function replace(
  database: SystemDatabase,
  { name, connectionColumn, fields }: EncryptedTable,
  { tenantId, connectionId, ciphertexts }: EncryptedRow,
  renewed: readonly (string | null)[],
  keyId: string,
): Promise<boolean> {
  const columns = Object.keys(fields);
  const set = columns.map((column, index) => `${column} = ($4::text[])[${index + 1}]`);
  const rows = await database.inSystem((sql) =>
    sql.query(
      `UPDATE ${name} SET key_id = $3, ${set.join(', ')}
       WHERE tenant_id = $1 AND ${connectionColumn} = $2
         AND ARRAY[${columns.join(', ')}] IS NOT DISTINCT FROM $5::text[] RETURNING 1`,
      [tenantId, connectionId, keyId, renewed, ciphertexts],
    ),
  );
  return rows.length > 0;
}
