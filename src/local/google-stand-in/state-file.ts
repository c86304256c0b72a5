import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Keeps the state on disk. A change is marked at once and written soon; changes that come meanwhile share the
 * next write, so two hundred requests at once cost a few writes. Answers wait for `saved()`, so what a client
 * was told survives kill -9.
 */
export class StateFile {
  private changes = 0;
  private changesWritten = 0;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly path: string | undefined,
    private readonly state: () => unknown,
  ) {}

  static read(path: string | undefined): unknown {
    if (!path) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  mark(): void {
    this.changes += 1;
    // A change made by a person or a test is written without anybody waiting for it.
    if (this.path) setImmediate(() => void this.saved().catch(() => undefined));
  }

  /** Resolves when everything marked until now is on disk. */
  async saved(): Promise<void> {
    const mine = this.changes;
    while (this.path && this.changesWritten < mine) {
      this.writing ??= this.write(this.path).finally(() => (this.writing = undefined));
      await this.writing;
    }
  }

  private async write(path: string): Promise<void> {
    // Yields first, so that the changes of this turn of the event loop are in the same write.
    await new Promise((resolve) => setImmediate(resolve));
    const covered = this.changes;
    const unfinished = `${path}.new`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, JSON.stringify(this.state()), { mode: 0o600 });
    await rename(unfinished, path);
    this.changesWritten = covered;
  }
}
