/*
 * What the benchmarks over HTTP run on: one PostgreSQL of their own, with as many databases and processes as they ask for. Everything is on 127.0.0.1 and gone afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const built = (path: string): string => new URL(`../dist/${path}.js`, import.meta.url).href;
const { startEmbeddedDatabase } = (await import(
  built('local/embedded-database')
)) as typeof import('../src/local/embedded-database.js');
const { migrate } = (await import(
  built('platform/database/migrations')
)) as typeof import('../src/platform/database/migrations.js');

const { scripts } = JSON.parse(
  await readFile(new URL('../package.json', import.meta.url), 'utf8'),
) as typeof import('../package.json');
const productionFlags = scripts['start:prod'].split(' ').filter((word) => word.startsWith('--'));

/** The service as a process of its own. */
export interface BenchService {
  origin: string;
  pid: number;
}

export interface BenchServiceOptions {
  adminKey?: string;
  /** What its environment has otherwise than usual, or beside that, by its origin. */
  environment?: (origin: string) => Record<string, string>;
  /** Of Node, in place of those that `npm run start:prod` has. */
  flags?: readonly string[];
}

export interface BenchDatabase {
  serviceUrl: string;
  /** Runs SQL as a superuser. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** Runs `work`, and cleans up however it ends. */
export async function withBenchServer(work: (server: BenchServer) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'receptionist-bench-'));
  await chmod(directory, 0o755);
  const postgres = await startEmbeddedDatabase(directory);
  const server = new BenchServer(postgres);
  try {
    await work(server);
  } finally {
    await server.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

export class BenchServer {
  readonly #clients: pg.Client[] = [];
  readonly #processes: ChildProcess[] = [];
  readonly #urls: { superuserUrl: string; ownerUrl: string; serviceUrl: string };

  constructor(urls: { superuserUrl: string; ownerUrl: string; serviceUrl: string }) {
    this.#urls = urls;
  }

  /** A migrated database without anybody in it. */
  async database(name: string): Promise<BenchDatabase> {
    const at = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const maker = new pg.Client({ connectionString: this.#urls.superuserUrl });
    await maker.connect();
    await maker.query(
      `CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${new URL(this.#urls.ownerUrl).username}`,
    );
    await maker.end();
    await migrate(at(this.#urls.ownerUrl), new URL(this.#urls.serviceUrl).username);
    const client = new pg.Client({ connectionString: at(this.#urls.superuserUrl) });
    await client.connect();
    this.#clients.push(client);
    return {
      serviceUrl: at(this.#urls.serviceUrl),
      query: async <Row extends object>(text: string, values?: unknown[]) =>
        (await client.query<Row>(text, values)).rows,
    };
  }

  /** A program beside this file, as a process of its own with the flags that `npm run start:prod` has unless told otherwise. */
  start(
    program: string,
    environment: Record<string, string>,
    flags: readonly string[] = productionFlags,
  ): ChildProcess {
    const path = new URL(program, import.meta.url).pathname;
    const child = spawn(process.execPath, [...flags, path], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#processes.push(child);
    return child;
  }

  /** The service as a process of its own. @returns its origin */
  async service(database: BenchDatabase, adminKey?: string): Promise<string> {
    return (await this.serviceProcess(database, { adminKey })).origin;
  }

  async serviceProcess(
    { serviceUrl }: BenchDatabase,
    { adminKey = randomBytes(24).toString('hex'), environment = () => ({}), flags }: BenchServiceOptions = {},
  ): Promise<BenchService> {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const settings = {
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL: origin,
      DATABASE_URL: serviceUrl,
      ADMIN_API_KEY: adminKey,
      TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      GOOGLE_CLIENT_ID: 'bench',
      GOOGLE_CLIENT_SECRET: 'bench',
      GOOGLE_ENDPOINT: 'http://127.0.0.1:1',
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...environment(origin),
    };
    const child = this.start('../dist/main.js', settings, flags);
    // Nobody reads what it prints, and nothing may wait for that.
    child.stdout?.resume();
    for (let waited = 0; waited < 20_000; waited += 100) {
      const ready = await fetch(`${origin}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready && child.pid !== undefined) return { origin, pid: child.pid };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The service did not get ready.');
  }

  async close(): Promise<void> {
    for (const child of this.#processes) {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const client of this.#clients) await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
