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
