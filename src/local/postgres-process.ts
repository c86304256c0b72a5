import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { reasonOf, StartError } from './start-error.js';
import type { PostgresUser } from './postgres-user.js';

/**
 * Starts a PostgreSQL program, where need be as `user`, on the cluster's `files`: folders or files.
 *
 * That user need not be able to walk to the files: on Linux they are opened here and handed over, and the program names them
 * by the handle (`/proc/self/fd/3`), which the kernel follows without asking for the folders above. So the data can stay in
 * a folder that only root may enter.
 */
export async function spawnPostgres(
  program: string,
  files: string[],
  args: (...names: string[]) => string[],
  user: PostgresUser | undefined,
): Promise<ChildProcess> {
  const handOver = user !== undefined && process.platform === 'linux';
  const handles = await Promise.all(handOver ? files.map((file) => open(file, 'r')) : []);
  const names = files.map((file, index) => (handOver ? `/proc/self/fd/${index + 3}` : file));
  const child = spawn(program, args(...names), {
    ...user,
    ...(handOver ? { cwd: '/' } : {}),
    // In a process group of its own: Ctrl-C reaches this process only, which ends the other when the service is done.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', ...handles.map(({ fd }) => fd)],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const failure = child.pid === undefined ? once(child, 'error') : undefined;
  await Promise.all(handles.map((handle) => handle.close()));
  if (failure !== undefined)
    throw new StartError(`${program} cannot be run (${reasonOf((await failure)[0])}).`);
  return child;
}

/** Resolves when the program has ended well. */
export async function finished(child: ChildProcess, failure: string): Promise<void> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output = lastOf(output, chunk)));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new StartError(`${failure}\n${output.trim()}`)),
    );
  });
}

/** A PostgreSQL server that accepts connections. */
export interface PostgresServer {
  pid: number | undefined;
  /** Resolves with the server's last words when it ends, asked to or not. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** Resolves when `child`, a PostgreSQL server, accepts connections. */
export async function ready(child: ChildProcess): Promise<PostgresServer> {
  let output = '';
  const ended = new Promise<string>((resolve) => child.once('exit', () => resolve(output.trim())));
  // However this process ends short of kill -9, the server is told.
  const tell = () => void child.kill('SIGINT');
  process.once('exit', tell);
  void ended.then(() => process.off('exit', tell));
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      output = lastOf(output, chunk);
      if (output.includes('database system is ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () =>
      reject(new StartError(`The embedded PostgreSQL did not start:\n${output.trim()}`)),
    );
  });
  return { pid: child.pid, ended, stop: () => stopServer(child, ended) };
}

/** SIGINT is PostgreSQL's "fast shutdown": connections are closed, data are flushed. SIGQUIT leaves that to the next start. */
async function stopServer(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGQUIT'), 10_000);
  await ended;
  clearTimeout(impatience);
}

function lastOf(output: string, chunk: Buffer): string {
  return (output + chunk.toString()).slice(-4_000);
}
