/** How long a search may keep the processor before others have it. */
const SLICE_MS = 2;

/**
 * Lets long searches go on a slice at a time: one slice in each round of the event loop, whoever's it is, and the parties
 * that wait by turns. So however many searches one party has under way, what else the process does waits for a slice at most,
 * and another party's search for one slice of each party.
 */
class Turns {
  /** Searches that wait, by party; a Map keeps the order of insertion, and so the parties' turns. */
  readonly #waiting = new Map<string, (() => void)[]>();

  next(party: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(party);
      if (waiting !== undefined) {
        waiting.push(resolve);
        return;
      }
      this.#waiting.set(party, [resolve]);
      if (this.#waiting.size === 1) setImmediate(this.#goOn);
    });
  }

  readonly #goOn = (): void => {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [party, searches] = first;
    const [resolve, ...others] = searches;
    this.#waiting.delete(party);
    if (others.length > 0) this.#waiting.set(party, others);
    resolve?.();
    if (this.#waiting.size > 0) setImmediate(this.#goOn);
  };
}

/** Of the whole process, as the event loop is. */
const turns = new Turns();

/** The steps of a search without its pauses, which are taken when the search has had the processor long enough. */
export async function* inSlices<Step extends { kind: string }>(
  party: string,
  steps: Iterable<Step>,
): AsyncGenerator<Exclude<Step, { kind: 'pause' }>, void, void> {
  let until = performance.now() + SLICE_MS;
  for (const step of steps) {
    if (performance.now() >= until) {
      await turns.next(party);
      until = performance.now() + SLICE_MS;
    }
    if (step.kind !== 'pause') yield step as Exclude<Step, { kind: 'pause' }>;
  }
}
