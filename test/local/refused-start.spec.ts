import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort, processesIn, Workbench } from './started.js';

describe('a start that cannot be', () => {
  const bench = new Workbench();
  afterAll(() => bench.clear());

  async function refusal(
    dataDir: string,
    settings: Record<string, string> = {},
    port?: number,
  ): Promise<string> {
    const started = bench.start(dataDir, port ?? (await freePort()), settings);
    expect(await started.exited).toBe(1);
    expect(processesIn(dataDir)).toEqual([]);
    return started.output.replace(/\nStopped\.\n$/, '').trim();
  }

  it('names the busy port and the setting that changes it, before anything is started', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = portOf(server);
    const folder = bench.folder();
    const said = await refusal(folder, {}, port);
    server.close();
    expect(said).toMatch(new RegExp(`^Port ${port} is in use.*PORT=\\d+ npm start$`));
    expect(() => readFileSync(join(folder, 'postgresql'))).toThrow('ENOENT');
  });

  it.each([
    ['a file in its place', () => fileInPlace(bench.folder())],
    ['a folder where nothing can be made', () => '/proc/receptionist'],
  ])('names the data folder it cannot write to: %s', async (_case, dataDir) => {
    const folder = dataDir();
    expect(await refusal(folder)).toMatch(
      new RegExp(`^The data folder ${folder} cannot be made .*DATA_DIR.*\\.$`),
    );
  });

  it('does not replace a damaged secrets file, whose keys open the stored tokens', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'secrets.json'), '{"ADMIN_API_KEY": "adm');
    expect(await refusal(folder)).toMatch(/^\S+secrets\.json is damaged\. Restore it, or delete it/);
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe('{"ADMIN_API_KEY": "adm');
  });

  it('does not replace a database of which a part is missing', async () => {
    const folder = bench.folder();
    mkdirSync(join(folder, 'postgresql/cluster/base'), { recursive: true });
    expect(await refusal(folder)).toMatch(/cluster are damaged: PG_VERSION is missing/);
  });

  it('names every setting that is wrong, and no value', async () => {
    const said = await refusal(bench.folder(), {
      ADMIN_API_KEY: 'short-value',
      LOG_LEVEL: 'loud',
      GOOGLE_CLIENT_ID: 'mine',
    });
    expect(said).toContain('ADMIN_API_KEY: ');
    expect(said).toContain('LOG_LEVEL: ');
    expect(said).toContain('GOOGLE_CLIENT_SECRET: is missing');
    expect(said).not.toContain('short-value');
  });

  it('says that no database answers at DATABASE_URL, without its password', async () => {
    const url = `postgres://calendar:not-to-be-printed@127.0.0.1:${await freePort()}/calendar`;
    const said = await refusal(bench.folder(), { DATABASE_URL: url });
    expect(said).toMatch(/^DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
    expect(said).not.toContain('not-to-be-printed');
  });

  it('says that DATABASE_URL is refused', async () => {
    const url = new URL(process.env['RECEPTIONIST_TEST_SERVICE_URL']!);
    url.password = 'not-to-be-printed';
    const said = await refusal(bench.folder(), { DATABASE_URL: url.href });
    expect(said).toMatch(/^DATABASE_URL: the PostgreSQL at \S+ refuses this user name and password\.$/);
  });

  it('makes a database anew that an earlier start was killed while making', async () => {
    const folder = bench.folder();
    const interrupted = bench.start(folder, await freePort());
    const unfinished = join(folder, 'postgresql/cluster.unfinished');
    await interrupted.until(() => exists(join(unfinished, 'PG_VERSION')));
    await interrupted.signal('SIGKILL');
    const next = await bench.start(folder, await freePort()).up();
    expect(await next.signal('SIGINT')).toBe(0);
    expect(exists(unfinished)).toBe(false);
  });

  it('ends, and says why, when its database is killed', async () => {
    const folder = bench.folder();
    const started = await bench.start(folder, await freePort()).up();
    process.kill(started.databasePid, 'SIGKILL');
    expect(await started.exited).toBe(1);
    expect(started.output).toContain('The embedded PostgreSQL has ended');
  });

  it('ends quietly when it is told to before it is up', async () => {
    const folder = bench.folder();
    const started = bench.start(folder, await freePort());
    await started.until(() => exists(join(folder, 'postgresql')));
    expect(await started.signal('SIGTERM')).toBe(0);
    expect(processesIn(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

function fileInPlace(folder: string): string {
  const file = join(folder, 'data');
  writeFileSync(file, '');
  return file;
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
