import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Answer, RequestOptions, TestApp } from './test-app.js';
import type { TestDatabase } from './test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } from './test-settings.js';

/** The service as a process of its own, as `npm run start:prod` runs it. */
export interface ServiceProcess {
  request: TestApp['request'];
  /** What it has printed so far. */
  output(): string;
  /** SIGKILL: as when the machine loses power. */
  kill(): Promise<void>;
  /** SIGSTOP: it stands still, with its connections open, until `resume`. */
  pause(): void;
  resume(): void;
  /** SIGTERM, and waits until it has finished what it had in hand. @returns its exit code */
  stop(): Promise<number | null>;
  /** SIGKILL for whatever the program has started and left behind. */
  sweep(): void;
}

export async function startService(
  database: TestDatabase,
  googleEndpoint: string,
  environment: Record<string, string> = {},
  [program, ...programArguments]: readonly [string, ...string[]] = [process.execPath, 'dist/main.js'],
): Promise<ServiceProcess> {
  const port = await freePort();
  const child = spawn(program, programArguments, {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL,
      DATABASE_URL: database.serviceUrl,
      ADMIN_API_KEY: ADMIN_KEY,
      TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
      GOOGLE_CLIENT_ID: CLIENT_ID,
      GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
      GOOGLE_ENDPOINT: googleEndpoint,
      CALENDAR_ATTEMPT_MS: '3000',
      CALENDAR_RETRY_MS: '200',
      JOB_POLL_INTERVAL_MS: '500',
      SHUTDOWN_DELAY_MS: '0',
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A program that starts others leads a group of its own, so that none of them can outlive the test.
    detached: program !== process.execPath,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(child, origin, () => output);
  return {
    request: async <Body>(...asked: Parameters<TestApp['request']>) => {
      try {
        return await request<Body>(origin, ...asked);
      } catch (cause) {
        throw new Error(`The service did not answer. It has printed:\n${output}`, { cause });
      }
    },
    output: () => output,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
    sweep: () => {
      try {
        if (program !== process.execPath && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody is left.
      }
    },
  };
}

async function request<Body>(
  origin: string,
  method: string,
  path: string,
  { key, body, headers }: RequestOptions = {},
): Promise<Answer<Body>> {
  const answer = await fetch(origin + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: (isJson ? JSON.parse(text) : text) as Body,
  };
}

async function untilReady(child: ChildProcess, origin: string, output: () => string): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 100) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}:\n${output()}`);
    const ready = await fetch(`${origin}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`The service did not get ready:\n${output()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
