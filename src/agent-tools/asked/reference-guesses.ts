import { Injectable } from '@nestjs/common';

/** More than anybody mishears in one call, and next to none of 148 million. */
const MOST_OF_ONE = 10;
/** Where nothing tells conversations apart, for all of a credential. */
const MOST_OF_ALL = 60;
const WINDOW_MS = 10 * 60_000;
const MOST_REMEMBERED = 20_000;

/** Whose guesses count together. */
export interface Guesser {
  /** See `callKey`. */
  readonly conversation: string | undefined;
  readonly credential: string;
}

/**
 * Counts references that name nothing, so that whoever has an agent ask for one after the other comes to none. Counted in memory
 * by each instance, like the rates of requests.
 */
@Injectable()
export class ReferenceGuesses {
  readonly #guesses = new Map<string, { count: number; until: number }>();

  /** Counts one, before it is known whether it is right: many may be asked for at once. @returns whether it may be tried */
  isAllowed(guesser: Guesser): boolean {
    const now = performance.now();
    const key = keyOf(guesser);
    const last = this.#guesses.get(key);
    const counted = last !== undefined && last.until > now ? last : { count: 0, until: now + WINDOW_MS };
    counted.count += 1;
    // A Map keeps the order of insertion: the first is the one that was heard of longest ago.
    this.#guesses.delete(key);
    const [oldest] = this.#guesses.size >= MOST_REMEMBERED ? this.#guesses.keys() : [];
    if (oldest !== undefined) this.#guesses.delete(oldest);
    this.#guesses.set(key, counted);
    return counted.count <= (guesser.conversation === undefined ? MOST_OF_ALL : MOST_OF_ONE);
  }

  /** It was right, so it does not count. */
  forgive(guesser: Guesser): void {
    const counted = this.#guesses.get(keyOf(guesser));
    if (counted !== undefined) counted.count -= 1;
  }
}

function keyOf({ conversation, credential }: Guesser): string {
  return conversation ?? credential;
}
