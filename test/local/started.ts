import { OwnersBrowser } from '../../src/local/google-stand-in/owners-browser.js';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../dist/local/start.js', import.meta.url));

/** `npm start` without npm: one process of it, with what it prints. */
export class Started {
  output = '';
  readonly exited: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    readonly dataDir: string,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
    this.exited = new Promise((resolve) => child.once('close', resolve));
  }

  static run(dataDir: string, port: number, settings: Record<string, string> = {}): Started {
    const { PATH, HOME } = process.env;
    // In a folder of its own, so that no `.env` of the developer's is read.
    const child = spawn(process.execPath, [ENTRY], {
      cwd: tmpdir(),
      env: { PATH, HOME, DATA_DIR: dataDir, PORT: String(port), ...settings },
    });
    return new Started(child, dataDir, port);
  }

  /** Resolves when everything is up. */
  async up(): Promise<this> {
    await this.until(() => /# 4\..*\n/.test(this.output));
    return this;
  }

  /** Resolves when `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`It ended with ${exitCode ?? signalCode}: ${this.output}`);
      }
      await Promise.race([this.exited, sleep(5)]);
    }
  }

  /** Resolves with the exit code. */
  async signal(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  /** What stands behind `label` in what was printed. */
  printed(label: string): string {
    const [, value] = new RegExp(`^ *${label} +(\\S+)`, 'm').exec(this.output) ?? [];
    if (value === undefined) throw new Error(`${label} was not printed: ${this.output}`);
    return value;
  }

  /** The requests to copy, in their order. */
  requests(): PrintedRequest[] {
    const commands = this.output.replaceAll('\\\n', '').match(/^curl .*$/gm) ?? [];
    return commands.map((command) => ({
      url: /http:\S+?(?=;| |$)/.exec(command)?.[0] ?? '',
      headers: Object.fromEntries(
        [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value]),
      ),
      body: /-d '([^']+)'/.exec(command)?.[1],
    }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Of the embedded PostgreSQL. */
  get databasePid(): number {
    return Number(
      readFileSync(join(this.dataDir, 'postgresql/cluster/postmaster.pid'), 'utf8').split('\n')[0],
    );
  }
}

export interface PrintedRequest {
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export async function send<Body = Record<string, unknown>>({
  url,
  headers,
  body,
}: PrintedRequest): Promise<Body> {
  const answer = await fetch(url, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
  return (await answer.json()) as Body;
}

/** Does what a person does in the browser: opens the address, keeps everything ticked, presses "Grant" and then "Connect". */
export async function grantInBrowser(authUrl: string, email: string): Promise<string> {
  const browser = new OwnersBrowser();
  const consentUrl = await browser.start(authUrl);
  const page = await (await fetch(consentUrl)).text();
  const scopes = [...page.matchAll(/name="scope" value="([^"]+)"/g)].map(
    ([, scope = '']): [string, string] => ['scope', scope],
  );
  const granted = await fetch(consentUrl, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams([['email', email], ['decision', 'grant'], ...scopes]),
  });
  return (await browser.finish(granted.headers.get('location') ?? '')).body;
}

/** Folders and processes of one test file; what is left of them is removed at its end. */
export class Workbench {
  readonly #folders: string[] = [];
  readonly #started: Started[] = [];

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'receptionist-start-'));
    this.#folders.push(folder);
    return folder;
  }

  start(dataDir: string, port: number, settings?: Record<string, string>): Started {
    const started = Started.run(dataDir, port, settings);
    this.#started.push(started);
    return started;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#started.map((started) => started.signal('SIGKILL')));
    for (const folder of this.#folders) {
      for (const pid of processesIn(folder)) process.kill(pid, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** Of PostgreSQL, whose every process works inside its cluster's folder. Empty where that cannot be asked. */
export function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
      } catch {
        return false;
      }
    });
}

/** Not one that has ended and only waits for its parent to take note. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
