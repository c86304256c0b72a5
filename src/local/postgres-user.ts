import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { reasonOf, StartError } from './start-error.js';

const run = promisify(execFile);

/** Numbers of the user to become for PostgreSQL's processes. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL does not run as root; under root it runs as whoever owns the cluster already, else as the system user
 * `postgres`, which is made when there is none.
 * @returns undefined when PostgreSQL can run as the user of this process
 */
export async function postgresUser(cluster: string): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const known = (await named('postgres')) ?? (await named('_postgres'));
  if (known !== undefined) return known;
  try {
    const home = ['--no-create-home', '--shell', '/usr/sbin/nologin'];
    await run('useradd', ['--system', '--user-group', ...home, 'postgres']);
  } catch (error) {
    // A second start may have made it at this moment.
    const made = await named('postgres');
    if (made !== undefined) return made;
    throw new StartError(
      'PostgreSQL cannot run as root, and the system user "postgres" to run it as could not be made ' +
        `(${reasonOf(error)}). Make that user, run this as an ordinary user, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  return named('postgres');
}

async function named(name: string): Promise<PostgresUser | undefined> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    return undefined;
  }
}
