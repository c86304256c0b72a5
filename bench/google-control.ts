/*
 * How a benchmark tells the stand-in for Google, which runs as a process of its own (google-process.ts), what to do.
 */
import type { BenchServer } from './bench-server.js';
import { once } from 'node:events';

/** What is wrong with every request; null for nothing. */
export type Trouble = { delayMs: number } | { status: number } | null;

export class GoogleControl {
  readonly origin: string;
  readonly #control: string;

  constructor({ origin, control }: { origin: string; control: string }) {
    this.origin = origin;
    this.#control = control;
  }

  static async start(server: BenchServer): Promise<GoogleControl> {
    const child = server.start('./google-process.ts', {});
    const [printed] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    return new GoogleControl(JSON.parse(printed.toString()) as { origin: string; control: string });
  }

  /** Makes an account with so many events. */
  async add(email: string, events: number): Promise<void> {
    await this.#tell('/add', { email, events });
  }

  /** Moves the first events of these accounts. @returns when those of the first account begin now, ISO 8601 */
  move(
    emails: readonly string[],
    { events = 1, times = 1, isToldOnce = false }: { events?: number; times?: number; isToldOnce?: boolean },
  ): Promise<string[]> {
    return this.#tell('/move', { emails, events, times, isToldOnce });
  }

  /** How many requests there were since this was last asked, by their operation. */
  requests(): Promise<Record<string, number>> {
    return this.#tell('/requests', {});
  }

  /** Resolves when Google has told of everything. */
  async settled(): Promise<void> {
    await this.#tell('/settled', {});
  }

  async trouble(trouble: Trouble): Promise<void> {
    await fetch(`${this.origin}/faults`, { method: 'DELETE' });
    if (trouble === null) return;
    const body = JSON.stringify({ ...trouble, times: 'always' });
    await fetch(`${this.origin}/faults`, { method: 'POST', body });
  }

  async #tell<Result>(path: string, told: object): Promise<Result> {
    const answer = await fetch(this.#control + path, { method: 'POST', body: JSON.stringify(told) });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Result;
  }
}
