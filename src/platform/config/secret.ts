import { hash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/**
 * A value that must never be printed. Whatever prints it (a template string, JSON, a logger, an error's inspection) shows
 * `[secret]`; `reveal()` is the one way to the value, so every use of a secret can be found by that name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** Compares in constant time: both are hashed first, so that not even the length tells anything. */
  matches(presented: string): boolean {
    return timingSafeEqual(hash('sha256', presented, 'buffer'), hash('sha256', this.#value, 'buffer'));
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
