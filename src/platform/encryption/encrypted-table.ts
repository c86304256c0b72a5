import { type TokenCipher, TokenCipherError } from './token-cipher.js';

/** A table whose rows, of one tenant and connection each, hold ciphertexts; `key_id` names the key they are all under. */
export interface EncryptedTable {
  readonly name: string;
  /** The column that, with `tenant_id`, is the row's key. */
  readonly connectionColumn: string;
  /** The columns that hold a ciphertext or null, and as which field each is authenticated. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A row as both the rotation of keys and the check of a deployment read it. */
export interface EncryptedRow {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly keyId: string;
  /** In the order of the table's `fields`. */
  readonly ciphertexts: readonly (string | null)[];
}

/** Selects rows behind `$1` and `$2`, tenant and connection of the last row before, in batches of `$3`. */
export function selectRows({ name, connectionColumn, fields }: EncryptedTable, where = 'true'): string {
  return `SELECT tenant_id AS "tenantId", ${connectionColumn} AS "connectionId", key_id AS "keyId",
      ARRAY[${Object.keys(fields).join(', ')}] AS ciphertexts
    FROM ${name}
    WHERE ($1::uuid IS NULL OR (tenant_id, ${connectionColumn}) > ($1, $2::uuid)) AND ${where}
    ORDER BY tenant_id, ${connectionColumn} LIMIT $3`;
}

/** The row's ciphertexts under the cipher's present key. @throws TokenCipherError */
export function reencrypted(
  cipher: TokenCipher,
  table: EncryptedTable,
  row: EncryptedRow,
): (string | null)[] {
  const fields = Object.values(table.fields);
  return row.ciphertexts.map((ciphertext, index) => {
    if (ciphertext === null) return null;
    const place = { tenant: row.tenantId, connection: row.connectionId, field: fields[index] ?? '' };
    return cipher.encrypt(cipher.decrypt(ciphertext, place), place);
  });
}

/** What keeps the row's ciphertexts from being opened; undefined where nothing does. */
export function problemOf(
  cipher: TokenCipher,
  table: EncryptedTable,
  row: EncryptedRow,
): TokenCipherError['problem'] | undefined {
  try {
    reencrypted(cipher, table, row);
    return undefined;
  } catch (error) {
    if (error instanceof TokenCipherError) return error.problem;
    throw error;
  }
}
