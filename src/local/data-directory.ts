import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { reasonOf, StartError } from './start-error.js';

/** The folder that holds all that `npm start` keeps, held by this process alone. */
export interface DataDirectory {
  path: string;
  file(name: string): string;
  release(): Promise<void>;
}

/**
 * Makes the folder, for its owner only, and takes it.
 * @throws StartError when it cannot be made or written to, or when another start holds it
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const path = resolve(directory);
  const holder = join(path, 'running.pid');
  try {
    await makeFolder(path, 0o700);
    const probe = join(path, '.writable');
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new StartError(
      `The data folder ${path} cannot be made or written to (${reasonOf(error)}). Set DATA_DIR to a folder that you own.`,
      { cause: error },
    );
  }
  const lock = await takeLock(path, holder);
  await writeFile(holder, String(process.pid));
  return {
    path,
    file: (name) => join(path, name),
    release: async () => {
      await rm(holder, { force: true });
      lock.close();
    },
  };
}

/** Folders on the way as usual, the last with `mode`. (Node's own `recursive` never ends under `/proc`.) */
async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path, mode);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * The lock is SQLite's lock on a file: the operating system's own, which ends with the process that holds it, however that
 * process ends. So a lock is never left behind, and no process number has to be believed.
 */
async function takeLock(path: string, holder: string): Promise<DatabaseSync> {
  const file = join(path, 'lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    await chmod(file, 0o600);
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) {
      throw new StartError(
        `The data folder ${path} cannot be locked (${reasonOf(error)}). Delete ${file} and start again.`,
        {
          cause: error,
        },
      );
    }
    const pid = await readFile(holder, 'utf8').catch(() => '');
    throw new StartError(
      `The data folder ${path} is in use by another start${pid === '' ? '' : ` (process ${pid})`}. ` +
        'Stop that one, or set DATA_DIR and PORT to run a second one beside it.',
      { cause: error },
    );
  }
}
