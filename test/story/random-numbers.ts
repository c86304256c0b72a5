/** Numbers that are random, and the same again for the same seed (mulberry32). */
export class Random {
  #state: number;

  /** @param seed and what else tells this source of numbers from others with the same seed */
  constructor(...seed: readonly [number, ...number[]]) {
    this.#state = seed.reduce(
      (mixed, part) => Math.imul(mixed ^ (part >>> 0), 0x9e3779b1) ^ (mixed >>> 15),
      1,
    );
    this.next();
  }

  /** From 0 to 1, which is never reached. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to one less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** @throws where there is nothing to be chosen from */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (items.length === 0) throw new Error('Nothing to choose from.');
    return item as Item;
  }

  /** @returns undefined where there is nothing to be chosen from */
  any<Item>(items: readonly Item[]): Item | undefined {
    return items.length === 0 ? undefined : this.pick(items);
  }

  /** All items, in a random order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0] as Item);
  }

  /** One of the items, those with a greater weight more often. */
  weighted<Item extends { weight: number }>(items: readonly Item[]): Item {
    let left = this.next() * items.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = items.find(({ weight }) => (left -= weight) < 0) ?? items.at(-1);
    if (chosen === undefined) throw new Error('Nothing to choose from.');
    return chosen;
  }
}
