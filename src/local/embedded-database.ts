import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgresBinaries, folderClosedToOthers } from './postgres-binaries.js';

const run = promisify(execFile);

export interface EmbeddedDatabase {
  /** Of the superuser: for looking behind row-level security, in tests. */
  superuserUrl: string;
  /** Of the role that owns the tables: migrations run as it. */
  ownerUrl: string;
  /** Of the role the service logs in as: it owns nothing. */
  serviceUrl: string;
  stop(): Promise<void>;
}

interface Passwords {
  superuser: string;
  owner: string;
  service: string;
}

/**
 * Starts a PostgreSQL of our own whose files are in `directory`, made on the first start. Listens on 127.0.0.1 only, on a
 * free port. What an earlier start left behind is mended: a half-made cluster is made anew, a server whose starter was
 * killed is ended first.
 */
export async function startEmbeddedDatabase(directory: string): Promise<EmbeddedDatabase> {
  const binaries = await findPostgresBinaries();
  const user = await databaseUser(directory, binaries.postgres);
  const cluster = join(directory, 'cluster');
  await mkdir(directory, { recursive: true });
  if (user.uid !== undefined) await chown(directory, user.uid, user.gid);
  await endServerLeftBehind(cluster);
  const passwords = await makeCluster(binaries.initdb, directory, cluster, user);
  const port = await freePort();
  const server = await startServer(binaries.postgres, cluster, port, user);
  const url = (role: string, password: string, database = 'receptionist') =>
    `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await prepareDatabase(url('postgres', passwords.superuser, 'postgres'), passwords);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    superuserUrl: url('postgres', passwords.superuser),
    ownerUrl: url('receptionist_owner', passwords.owner),
    serviceUrl: url('receptionist_service', passwords.service),
    stop: server.stop,
  };
}

/** Nobody in particular, or both numbers of the user to become. */
type DatabaseUser = { uid?: undefined; gid?: undefined } | { uid: number; gid: number };

/** PostgreSQL does not run as root; under root it runs as the system user `postgres`, made when there is none. */
async function databaseUser(directory: string, binary: string): Promise<DatabaseUser> {
  if (process.getuid?.() !== 0) return {};
  for (const path of [directory, binary]) {
    const closed = await folderClosedToOthers(path);
    if (closed !== undefined) {
      throw new Error(
        `PostgreSQL cannot run as root, and the user it runs as instead may not enter ${closed}. Work in a folder that ` +
          'every user may enter (for example under /opt or /srv), or run this as an ordinary user.',
      );
    }
  }
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  if (!(await run('id', ['-u', 'postgres']).then(() => true, () => false))) {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  }
  return { uid: await id('-u'), gid: await id('-g') };
}

/** Makes the cluster beside its final place and moves it there whole, so that a half-made one is never taken for made. */
async function makeCluster(initdb: string, directory: string, cluster: string, user: DatabaseUser): Promise<Passwords> {
  const passwordsFile = join(directory, 'passwords.json');
  if (await exists(join(cluster, 'PG_VERSION'))) {
    return JSON.parse(await readFile(passwordsFile, 'utf8')) as Passwords;
  }
  const password = () => randomBytes(24).toString('hex');
  const passwords = { superuser: password(), owner: password(), service: password() };
  await writeFile(passwordsFile, JSON.stringify(passwords), { mode: 0o600 });
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(directory, 'superuser-password');
  await rm(unfinished, { recursive: true, force: true });
  await rm(cluster, { recursive: true, force: true });
  await writeFile(passwordFile, passwords.superuser, { mode: 0o600 });
  if (user.uid !== undefined) await chown(passwordFile, user.uid, user.gid);
  try {
    await run(
      initdb,
      [
        `--pgdata=${unfinished}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...user, env: { ...process.env, LC_ALL: 'C' } },
    );
  } catch (error) {
    throw new Error(`The embedded PostgreSQL could not be set up in ${directory}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster);
  return passwords;
}

async function startServer(postgres: string, cluster: string, port: number, user: DatabaseUser) {
  // In a process group of its own: Ctrl-C reaches this process only, which ends the server when the service is done.
  const child = spawn(
    postgres,
    ['-D', cluster, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    { ...user, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await readiness(child);
  return {
    stop: async () => {
      // SIGINT is PostgreSQL's "fast shutdown": connections are closed, data are flushed.
      child.kill('SIGINT');
      await exited;
    },
  };
}

async function readiness(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (output.includes('database system is ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`The embedded PostgreSQL did not start:\n${output}`)));
  });
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

/** Ends a server that still runs on these files because the process that had started it was killed. */
async function endServerLeftBehind(cluster: string): Promise<void> {
  const pidFile = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n')[0]);
  if (!(pid > 0) || !isAlive(pid) || !(await isPostgres(pid))) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isAlive(pid); waited += 100) {
    if (waited > 15_000) throw new Error(`An earlier PostgreSQL (process ${pid}) on ${cluster} does not end.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The number may meanwhile belong to another program. */
async function isPostgres(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);
