/** Makes one of many: work that is asked for under the same key while it waits for its turn is done once for all who asked. */
export class Folded {
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();

  /** @returns when work has been done that began after this was asked; fails as that work does */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const next = this.#after(key).then(() => this.#begin(key, work));
    this.#waiting.set(key, next);
    return next;
  }

  async #after(key: string): Promise<void> {
    await this.#running.get(key)?.catch(() => undefined);
  }

  #begin(key: string, work: () => Promise<void>): Promise<void> {
    this.#waiting.delete(key);
    const running = work().finally(() => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    });
    this.#running.set(key, running);
    return running;
  }
}
