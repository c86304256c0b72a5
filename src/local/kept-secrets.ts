import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { isStrings, keep, readKept } from './kept-file.js';

/** How each secret that a start cannot do without is made up. */
const MADE_UP: Readonly<Record<string, () => string>> = {
  ADMIN_API_KEY: () => `admin_${randomBytes(24).toString('base64url')}`,
  TOKEN_ENCRYPTION_KEYS: () => `local1:${randomBytes(32).toString('base64')}`,
};

/** Those of the Google stand-in's one OAuth client; a real Google client's come from Google. */
const MADE_UP_FOR_STAND_IN: typeof MADE_UP = {
  GOOGLE_CLIENT_ID: () => `${randomBytes(8).toString('hex')}.apps.googleusercontent.com`,
  GOOGLE_CLIENT_SECRET: () => `local-${randomBytes(18).toString('base64url')}`,
};

/**
 * The secrets that `environment` does not set, the same on every start: made up once and kept in `file`.
 * @throws StartError when the file is damaged: making up new ones would make every stored token unreadable
 */
export async function keptSecrets(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  withStandIn: boolean,
): Promise<Record<string, string>> {
  const wanted = { ...MADE_UP, ...(withStandIn ? MADE_UP_FOR_STAND_IN : {}) };
  const remedy = `Restore it, or delete it to have new secrets made: Google accounts must then be connected again.`;
  const kept = (await readKept(file, isStrings, remedy)) ?? {};
  const missing = Object.keys(wanted).filter((name) => !environment[name]?.trim() && !kept[name]);
  if (missing.length > 0) {
    for (const name of missing) kept[name] = wanted[name]?.() ?? '';
    await keep(file, kept);
  }
  if (Object.keys(kept).length > 0) await chmod(file, 0o600);
  const unset = Object.entries(kept).filter(([name]) => name in wanted && !environment[name]?.trim());
  return Object.fromEntries(unset);
}
