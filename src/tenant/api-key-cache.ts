import type { ApiKeyCaller } from './caller.js';

/** How long a verified key is believed, and so how long a key revoked on another instance may still work on this one. */
const KEY_BELIEVED_MS = 5_000;
/** The same while the key cannot be looked up: minutes in which callers hear an apology rather than silence. */
const KEY_BELIEVED_UNVERIFIED_MS = 10 * 60_000;
/** A key in use is looked up again beside the request once its entry is this old, so that no request waits for it. */
const REFRESH_AFTER_MS = KEY_BELIEVED_MS / 2;
const MOST_ENTRIES = 10_000;

interface Entry {
  caller: ApiKeyCaller;
  verifiedAt: number;
}

/** Callers by the SHA-256 of the key that they presented; the key itself is not kept. */
export class ApiKeyCache {
  readonly #entries = new Map<string, Entry>();

  /** @param now milliseconds on a clock that only goes forward */
  constructor(private readonly now: () => number = () => performance.now()) {}

  find(digest: string): { caller: ApiKeyCaller; refresh: boolean } | null {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return null;
    const age = this.now() - entry.verifiedAt;
    return age < KEY_BELIEVED_MS ? { caller: entry.caller, refresh: age >= REFRESH_AFTER_MS } : null;
  }

  /** As it was when it was last looked up, for as long as it may be believed while it cannot be. */
  lastKnown(digest: string): ApiKeyCaller | null {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return null;
    if (this.now() - entry.verifiedAt < KEY_BELIEVED_UNVERIFIED_MS) return entry.caller;
    this.#entries.delete(digest);
    return null;
  }

  /** @param verifiedAt when the look-up began that found this caller */
  keep(digest: string, caller: ApiKeyCaller, verifiedAt: number): void {
    this.#entries.delete(digest);
    // A Map keeps the order of insertion: the first is the one that was verified longest ago.
    const [oldest] = this.#entries.size >= MOST_ENTRIES ? this.#entries.keys() : [];
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(digest, { caller, verifiedAt });
  }

  forget(digest: string): void {
    this.#entries.delete(digest);
  }

  forgetWhere(matches: (caller: ApiKeyCaller) => boolean): void {
    for (const [digest, { caller }] of this.#entries) {
      if (matches(caller)) this.#entries.delete(digest);
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}
