import { DomainError } from '../errors/domain-error.js';

/** Null: the service itself, which may have all places. */
type Party = string | null;

interface Waiting {
  begin: () => void;
}

/**
 * Shares a number of places between parties: one party has no more than its share of them at a time, and where several wait for
 * a place they take turns, however much each of them asks for. So what one party has under way delays another by no more than one
 * piece of work for each party that waits.
 */
export class FairTurns {
  readonly #running = new Map<Party, number>();
  /** By party, in the order in which their turns come: a Map keeps the order of insertion. */
  readonly #waiting = new Map<Party, Waiting[]>();
  readonly #limits: { places: number; share: number; longestWaitMs: number };
  #taken = 0;

  constructor(limits: { places: number; share: number; longestWaitMs: number }) {
    this.#limits = limits;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((all, { length }) => all + length, 0);
  }

  /** @throws DomainError `unavailable` where the party's turn does not come in time */
  async run<Result>(party: Party, work: () => Promise<Result>): Promise<Result> {
    if (this.#mayBegin(party) && !this.#waiting.has(party)) this.#take(party);
    else await this.#turn(party);
    try {
      return await work();
    } finally {
      this.#giveBack(party);
    }
  }

  #turn(party: Party): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        begin: () => {
          clearTimeout(timer);
          this.#take(party);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#remove(party, waiting);
        const details = { retryAfterSeconds: 2 };
        reject(new DomainError('unavailable', 'There is more to do than can be done in time.', details));
      }, this.#limits.longestWaitMs);
      const before = this.#waiting.get(party);
      if (before === undefined) this.#waiting.set(party, [waiting]);
      else before.push(waiting);
    });
  }

  #mayBegin(party: Party): boolean {
    const { places, share } = this.#limits;
    return this.#taken < places && (party === null || (this.#running.get(party) ?? 0) < share);
  }

  #take(party: Party): void {
    this.#taken += 1;
    this.#running.set(party, (this.#running.get(party) ?? 0) + 1);
  }

  #giveBack(party: Party): void {
    this.#taken -= 1;
    const left = (this.#running.get(party) ?? 1) - 1;
    if (left === 0) this.#running.delete(party);
    else this.#running.set(party, left);
    for (const [next, [first]] of this.#waiting) {
      if (first === undefined || !this.#mayBegin(next)) continue;
      this.#remove(next, first);
      // Its next turn comes after those of all others that wait.
      const others = this.#waiting.get(next);
      this.#waiting.delete(next);
      if (others !== undefined) this.#waiting.set(next, others);
      first.begin();
      return;
    }
  }

  #remove(party: Party, waiting: Waiting): void {
    const others = (this.#waiting.get(party) ?? []).filter((one) => one !== waiting);
    if (others.length === 0) this.#waiting.delete(party);
    else this.#waiting.set(party, others);
  }
}
