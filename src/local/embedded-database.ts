import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';
import { isStrings, keep, readKept } from './kept-file.js';
import { endServerLeftBehind } from './left-behind-server.js';
import { findPostgresBinaries, folderClosedToOthers } from './postgres-binaries.js';
import { finished, type PostgresServer, ready, spawnPostgres } from './postgres-process.js';
import { type PostgresUser, postgresUser } from './postgres-user.js';
import { reasonOf, StartError } from './start-error.js';

export interface EmbeddedDatabase {
  /** Of the superuser: for looking behind row-level security, in tests. */
  superuserUrl: string;
  /** Of the role that owns the tables: migrations run as it. */
  ownerUrl: string;
  /** Of the role the service logs in as: it owns nothing. */
  serviceUrl: string;
  /** Resolves with the server's last words when it ends, asked to or not. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

interface Passwords {
  superuser: string;
  owner: string;
  service: string;
}

/**
 * Starts a PostgreSQL of our own whose files are in `directory`, made on the first start. Listens on 127.0.0.1 only, on a
 * free port. What an earlier start left behind is repaired: a half-made cluster is made anew, a server whose starter was
 * killed is ended first.
 *
 * One process at a time may work in `directory`: keeping others out is the caller's part.
 * @throws StartError when it cannot
 */
export async function startEmbeddedDatabase(directory: string): Promise<EmbeddedDatabase> {
  const cluster = join(directory, 'cluster');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const user = await postgresUser(cluster);
  if (user !== undefined) await assertReachable(directory);
  const binaries = await findPostgresBinaries(user !== undefined);
  await endServerLeftBehind(cluster);
  const passwords =
    (await passwordsOf(directory, cluster, binaries.major)) ??
    (await makeCluster(binaries.initdb, directory, cluster, user));
  const { server, port } = await startServer(binaries.postgres, cluster, user);
  const url = (role: string, password: string, database = 'receptionist') =>
    `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await prepareDatabase(url('postgres', passwords.superuser, 'postgres'), passwords);
  } catch (error) {
    await server.stop();
    throw new StartError(`The embedded PostgreSQL in ${directory} cannot be used (${reasonOf(error)}).`, {
      cause: error,
    });
  }
  return {
    superuserUrl: url('postgres', passwords.superuser),
    ownerUrl: url('receptionist_owner', passwords.owner),
    serviceUrl: url('receptionist_service', passwords.service),
    ended: server.ended,
    stop: () => server.stop(),
  };
}

/** Only Linux can hand a closed folder's contents to another user (see `spawnPostgres`). */
async function assertReachable(directory: string): Promise<void> {
  const closed = process.platform === 'linux' ? undefined : await folderClosedToOthers(directory);
  if (closed === undefined) return;
  throw new StartError(
    `PostgreSQL cannot run as root, and the user it runs as instead may not enter ${closed}. Set DATA_DIR to a folder that ` +
      'every user may enter, or run this as an ordinary user.',
  );
}

/** @returns undefined when there is no cluster yet */
async function passwordsOf(
  directory: string,
  cluster: string,
  major: string,
): Promise<Passwords | undefined> {
  const anew = `delete ${directory} to begin anew without its data`;
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(unreadable)).trim();
  if (version === '') {
    if ((await readdir(cluster).catch(unreadable)).length === 0) return undefined;
    throw new StartError(
      `The data in ${cluster} are damaged: PG_VERSION is missing. Restore them, or ${anew}.`,
    );
  }
  if (version !== major) {
    throw new StartError(
      `The data in ${directory} were written by PostgreSQL ${version}, and this is ${major}. Start the earlier release of ` +
        `this program to keep them, or ${anew}.`,
    );
  }
  const file = join(directory, 'passwords.json');
  const isWhole = (value: unknown): value is Passwords & Record<string, string> =>
    isStrings(value) && ['superuser', 'owner', 'service'].every((name) => value[name]);
  const passwords = await readKept(file, isWhole, `Restore it, or ${anew}.`);
  if (passwords === undefined) throw new StartError(`${file} is missing. Restore it, or ${anew}.`);
  return passwords;
}

/** Absent is as good as empty; closed is not, or another user's data would be taken for none. */
function unreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw new StartError(
    `The data folder holds a database that this user may not read (${reasonOf(error)}). Start as the user who made it, or ` +
      'set DATA_DIR to another folder.',
    { cause: error },
  );
}

/** Makes the cluster beside its final place and moves it there whole, so that a half-made one is never taken for made. */
async function makeCluster(
  initdb: string,
  directory: string,
  cluster: string,
  user: PostgresUser | undefined,
): Promise<Passwords> {
  const password = () => randomBytes(24).toString('hex');
  const passwords = { superuser: password(), owner: password(), service: password() };
  await keep(join(directory, 'passwords.json'), passwords);
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(directory, 'superuser-password');
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, passwords.superuser, { mode: 0o600 });
  try {
    if (user !== undefined) {
      for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid);
    }
    const login = ['--username=postgres', '--auth=scram-sha-256'];
    const contents = ['--encoding=UTF8', '--locale=C', '--no-sync'];
    const child = await spawnPostgres(
      initdb,
      [unfinished, passwordFile],
      (data, file) => [`--pgdata=${data}`, `--pwfile=${file}`, ...login, ...contents],
      user,
    );
    await finished(child, `The embedded PostgreSQL could not be set up in ${directory}:`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster);
  return passwords;
}

/** Another program may take the free port first: then another is tried. */
async function startServer(
  postgres: string,
  cluster: string,
  user: PostgresUser | undefined,
): Promise<{ server: PostgresServer; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const options = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
    const args = (data?: string) => ['-D', data ?? cluster, '-p', String(port), ...options];
    try {
      return { server: await ready(await spawnPostgres(postgres, [cluster], args, user)), port };
    } catch (error) {
      if (attempt === 3 || !/Address already in use|could not bind/.test(String(error))) throw error;
    }
  }
}

async function prepareDatabase(superuserUrl: string, passwords: Passwords): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT 1 FROM pg_database WHERE datname = 'receptionist'`);
    if (rows.length > 0) return;
    await client.query(`
      DROP ROLE IF EXISTS receptionist_owner, receptionist_service;
      CREATE ROLE receptionist_owner LOGIN CREATEROLE PASSWORD ${pg.escapeLiteral(passwords.owner)};
      CREATE ROLE receptionist_service LOGIN NOINHERIT PASSWORD ${pg.escapeLiteral(passwords.service)};`);
    // Last, because its presence says that all of this is done.
    await client.query('CREATE DATABASE receptionist OWNER receptionist_owner');
  } finally {
    await client.end();
  }
}
