import type pg from 'pg';
import { ENCRYPTED_TABLES } from '../encrypted-tables.js';
import {
  type EncryptedRow,
  type EncryptedTable,
  problemOf,
  selectRows,
} from '../platform/encryption/encrypted-table.js';
import { TokenCipher } from '../platform/encryption/token-cipher.js';
import type { Settings } from '../platform/config/settings.js';
import { Secret } from '../platform/config/secret.js';
import { type Check, CheckFailure } from './check.js';

const BATCH = 500;

export function tokenChecks(settings: Settings, client: pg.Client): Check[] {
  return [
    { name: 'encryption keys', run: () => keysWork(settings) },
    ...Object.entries(ENCRYPTED_TABLES).map(([what, table]) => ({
      name: `stored secrets of ${what}`,
      run: () => readable(settings, client, what, table),
    })),
  ];
}

async function keysWork(settings: Settings): Promise<string> {
  for (const { id, key } of settings.tokenEncryptionKeys) {
    if (new Set(Buffer.from(key.reveal(), 'base64')).size < 8) {
      throw new CheckFailure(
        `key "${id}" is not random`,
        'make one with `openssl rand -base64 32`, put it first and run `npm run rotate-keys`',
      );
    }
  }
  const cipher = new TokenCipher(settings);
  const place = { tenant: 'verify', connection: 'verify', field: 'verify' };
  cipher.decrypt(cipher.encrypt(new Secret('verify'), place), place);
  const ids = settings.tokenEncryptionKeys.map(({ id }) => `"${id}"`);
  return `${ids[0] ?? ''} encrypts, ${ids.join(', ')} can decrypt`;
}

async function readable(
  settings: Settings,
  client: pg.Client,
  what: string,
  table: EncryptedTable,
): Promise<string> {
  const cipher = new TokenCipher(settings);
  const unreadable = new Map<string, number>();
  let count = 0;
  let old = 0;
  for await (const row of storedRows(client, table)) {
    count += 1;
    if (row.keyId !== cipher.keyId) old += 1;
    const problem = problemOf(cipher, table, row);
    if (problem === undefined) continue;
    const said = problem === 'unknown_key' ? `under the unknown key "${row.keyId}"` : problem;
    unreadable.set(said, (unreadable.get(said) ?? 0) + 1);
  }
  if (unreadable.size > 0) {
    const found = [...unreadable].map(([problem, times]) => `${times} ${problem}`).join(', ');
    throw new CheckFailure(
      `of ${count} ${what} cannot be read: ${found}`,
      'put the keys they were encrypted with back into TOKEN_ENCRYPTION_KEYS; otherwise these tenants have to connect again',
    );
  }
  return `all ${count} can be read${old === 0 ? '' : `; ${old} still under an older key: run \`npm run rotate-keys\``}`;
}

/** In batches, each in a short transaction, so that the service is not in its way. */
async function* storedRows(client: pg.Client, table: EncryptedTable): AsyncGenerator<EncryptedRow> {
  let after: EncryptedRow | undefined;
  for (;;) {
    await client.query('BEGIN; SELECT enter_system()');
    const { rows } = await client
      .query<EncryptedRow>(selectRows(table), [after?.tenantId ?? null, after?.connectionId ?? null, BATCH])
      .finally(() => client.query('ROLLBACK'));
    yield* rows;
    after = rows.at(-1);
    if (after === undefined || rows.length < BATCH) return;
  }
}
