/** Thrown at the next step of a start that was asked to stop meanwhile. */
export class Interrupted extends Error {}

/** What has been started, so that it is ended in the opposite order, whatever happens. */
export class RunningParts {
  readonly #parts: { name: string; stop: () => Promise<unknown> }[] = [];
  readonly #ending: Promise<void>;
  #end: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #interrupted = false;

  constructor() {
    this.#ending = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // A part may fail before anybody waits; who waits later still hears of it.
    this.#ending.catch(() => undefined);
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /**
   * Starts a part once the ones before it run.
   * @throws Interrupted when `interrupt` was called before or meanwhile; the part is then ended with the others
   */
  async start<Part>(
    name: string,
    start: () => Promise<Part>,
    stop: (part: Part) => Promise<unknown>,
  ): Promise<Part> {
    this.#assertNotInterrupted();
    const part = await start();
    this.#parts.push({ name, stop: () => stop(part) });
    this.#assertNotInterrupted();
    return part;
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#end();
  }

  /** A part ended by itself: the others cannot go on without it. */
  fail(error: Error): void {
    if (!this.#interrupted) this.#fail(error);
  }

  /** Resolves when `interrupt` is called, rejects on `fail`. */
  async untilInterrupted(): Promise<void> {
    await this.#ending;
  }

  /** Ends every part, the last one started first. One that does not end well does not keep the others running. */
  async stop(): Promise<void> {
    this.#interrupted = true;
    for (const { name, stop } of this.#parts.splice(0).reverse()) {
      await stop().catch((error: unknown) => console.error(`${name} did not end well: ${String(error)}`));
    }
  }

  #assertNotInterrupted(): void {
    if (this.#interrupted) throw new Interrupted();
  }
}
