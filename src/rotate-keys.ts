// `npm run rotate-keys`: after a new key was put first in TOKEN_ENCRYPTION_KEYS and every instance runs with it, brings all
// that is encrypted under that key. When it ends well the old key may be taken out of the settings.
import { ENCRYPTED_TABLES } from './encrypted-tables.js';
import { loadEnvironmentFile } from './platform/config/environment-file.js';
import { readSettings, SettingsError } from './platform/config/read-settings.js';
import { Database } from './platform/database/database.js';
import { rotateKeys } from './platform/encryption/key-rotation.js';
import { TokenCipher } from './platform/encryption/token-cipher.js';

loadEnvironmentFile();
try {
  const settings = readSettings(process.env);
  const database = new Database(settings);
  const cipher = new TokenCipher(settings);
  try {
    for (const [what, table] of Object.entries(ENCRYPTED_TABLES)) {
      const { rotated, changed, unreadable } = await rotateKeys(database, cipher, table);
      console.log(`Key "${cipher.keyId}": ${rotated} ${what} encrypted anew, ${changed} changed meanwhile.`);
      for (const { tenantId, connectionId, problem } of unreadable) {
        console.error(
          `Tenant ${tenantId}, connection ${connectionId}: cannot be opened (${problem.replace('_', ' ')}).`,
        );
      }
      if (unreadable.length > 0) process.exitCode = 1;
    }
  } finally {
    await database.onApplicationShutdown();
  }
} catch (error) {
  console.error(
    error instanceof SettingsError ? error.message : `Rotating keys failed: ${(error as Error).message}`,
  );
  process.exitCode = 1;
}
