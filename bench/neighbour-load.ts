/*
 * The load beside which a neighbour is measured (neighbour.ts), from a process of its own. Takes LOAD as JSON, prints a line when
 * it is ready, and is told `go` and `stop` on its standard input; answers each, `stop` with what it has done since `go`. Ends
 * with its input.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export type Load =
  /** The same request again and again, by one caller for each key. */
  | { kind: 'requests'; origin: string; keys: string[]; method: string; path: string; body?: string }
  /** As large as is taken anywhere, without a credential, on a new connection each where the last was closed. */
  | { kind: 'bodies'; origin: string; connections: number }
  /** Half of them of known channels. */
  | { kind: 'pushes'; origin: string; perSecond: number; channels: { id: string; token: string }[] };

const PUSHED_AT_ONCE = 64;
const MIB = Buffer.alloc(1024 * 1024, 'x');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

let isOn = false;
const done = new Map<string, number>();
const work: Promise<void>[] = [];

function count(outcome: string): void {
  done.set(outcome, (done.get(outcome) ?? 0) + 1);
}

/** Resolves when it is answered, however it is. */
function send(
  origin: string,
  { method, path, headers, body }: { method: string; path: string; headers: object; body?: string | Buffer },
): Promise<void> {
  return new Promise((resolve) => {
    const sent = httpRequest(origin + path, { agent, method, headers: { ...headers } }, (answer) => {
      count(String(answer.statusCode));
      answer
        .on('end', resolve)
        .on('close', resolve)
        .on('error', () => resolve());
      answer.resume();
    });
    sent.on('error', () => {
      // Where it is refused before all of its body is sent, the connection is closed.
      count('closed');
      resolve();
    });
    sent.end(body);
  });
}

async function repeatedly(one: () => Promise<void>): Promise<void> {
  while (isOn) await one();
}

/** Evenly, as long as not too many wait for their answers. */
async function pushing({ origin, perSecond, channels }: Extract<Load, { kind: 'pushes' }>): Promise<void> {
  const begun = performance.now();
  const waiting = new Set<Promise<void>>();
  for (let sent = 0; isOn; sent += 1) {
    const early = begun + (sent * 1000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    if (waiting.size >= PUSHED_AT_ONCE) await Promise.race(waiting);
    const known = sent % 2 === 0 ? channels[(sent / 2) % channels.length] : undefined;
    const { id, token } = known ?? { id: randomBytes(32).toString('base64url'), token: 'nobody' };
    const one = send(origin, {
      ...{ method: 'POST', path: '/api/google/notifications' },
      headers: { 'x-goog-channel-id': id, 'x-goog-channel-token': token, 'x-goog-resource-state': 'exists' },
    }).finally(() => waiting.delete(one));
    waiting.add(one);
  }
  await Promise.all(waiting);
}

function begin(load: Load): Promise<void>[] {
  switch (load.kind) {
    case 'requests': {
      const { origin, method, path, body } = load;
      return load.keys.map((key) => {
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        return repeatedly(() =>
          send(origin, { method, path, headers, ...(body === undefined ? {} : { body }) }),
        );
      });
    }
    case 'bodies': {
      const path = '/api/bookings';
      const headers = { 'content-type': 'application/json' };
      const one = () => send(load.origin, { method: 'POST', path, headers, body: MIB });
      return Array.from({ length: load.connections }, () => repeatedly(one));
    }
    case 'pushes':
      return [pushing(load)];
  }
}

const load = JSON.parse(process.env['LOAD'] ?? '') as Load;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go') {
    isOn = true;
    done.clear();
    work.push(...begin(load));
    console.log('going');
  } else {
    isOn = false;
    await Promise.all(work.splice(0));
    console.log([...done].map(([outcome, times]) => `${times} × ${outcome}`).join(', ') || 'nothing done');
  }
}
agent.destroy();
