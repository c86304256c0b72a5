/** The most that is asked for at once. */
const MOST = 500;

/**
 * Asks about many keys at once: those that come while one question is under way are the next one. So however many ask, there is
 * one question at a time.
 */
export class Gathered<Answer> {
  readonly #ask: (keys: readonly string[]) => Promise<Answer>;
  #waiting = new Set<string>();
  #next: Promise<Answer> | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(ask: (keys: readonly string[]) => Promise<Answer>) {
    this.#ask = ask;
  }

  /** @returns the answer to a question about this key among others, asked after this call */
  ask(key: string): Promise<Answer> {
    if (this.#next === undefined || this.#waiting.size >= MOST) {
      const keys = (this.#waiting = new Set<string>());
      const next: Promise<Answer> = this.#running.then(() => {
        if (this.#next === next) this.#next = undefined;
        return this.#ask([...keys]);
      });
      this.#next = next;
      this.#running = next.catch(() => undefined);
    }
    this.#waiting.add(key);
    return this.#next;
  }
}
