import type pg from 'pg';
import { placeOf } from '../calendar/encrypted-token.repository.js';
import { TokenCipher, TokenCipherError } from '../platform/encryption/token-cipher.js';
import type { Settings } from '../platform/config/settings.js';
import { asTenantId } from '../platform/database/tenant-id.js';
import { Secret } from '../platform/config/secret.js';
import { type Check, CheckFailure } from './check.js';

const BATCH = 500;

interface TokenRow {
  tenant_id: string;
  connection_id: string;
  key_id: string;
  access_token: string;
  refresh_token: string;
}

export function tokenChecks(settings: Settings, client: pg.Client): Check[] {
  return [
    { name: 'encryption keys', run: () => keysWork(settings) },
    { name: 'stored tokens', run: () => tokensReadable(settings, client) },
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

async function tokensReadable(settings: Settings, client: pg.Client): Promise<string> {
  const cipher = new TokenCipher(settings);
  const unreadable = new Map<string, number>();
  let count = 0;
  let old = 0;
  for await (const row of storedTokens(client)) {
    count += 1;
    if (row.key_id !== cipher.keyId) old += 1;
    const problem = problemWith(row, cipher);
    if (problem !== undefined) unreadable.set(problem, (unreadable.get(problem) ?? 0) + 1);
  }
  if (unreadable.size > 0) {
    const found = [...unreadable].map(([problem, times]) => `${times} ${problem}`).join(', ');
    throw new CheckFailure(
      `of ${count} connections cannot be read: ${found}`,
      'put the keys they were encrypted with back into TOKEN_ENCRYPTION_KEYS; otherwise these tenants have to connect again',
    );
  }
  return `all ${count} can be read${old === 0 ? '' : `; ${old} still under an older key: run \`npm run rotate-keys\``}`;
}

function problemWith(row: TokenRow, cipher: TokenCipher): string | undefined {
  const connection = { tenant: asTenantId(row.tenant_id), connectionId: row.connection_id };
  try {
    cipher.decrypt(row.access_token, placeOf(connection, 'access_token'));
    cipher.decrypt(row.refresh_token, placeOf(connection, 'refresh_token'));
    return undefined;
  } catch (error) {
    if (!(error instanceof TokenCipherError)) throw error;
    return error.problem === 'unknown_key' ? `under the unknown key "${row.key_id}"` : error.problem;
  }
}

/** In batches, each in a short transaction, so that the service is not in its way. */
async function* storedTokens(client: pg.Client): AsyncGenerator<TokenRow> {
  let after: [string, string] = [
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-000000000000',
  ];
  for (;;) {
    await client.query('BEGIN; SELECT enter_system()');
    const { rows } = await client
      .query<TokenRow>(
        `SELECT tenant_id, connection_id, key_id, access_token, refresh_token FROM tenant_google_token
         WHERE (tenant_id, connection_id) > ($1, $2) ORDER BY tenant_id, connection_id LIMIT ${BATCH}`,
        after,
      )
      .finally(() => client.query('ROLLBACK'));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = [last.tenant_id, last.connection_id];
  }
}
