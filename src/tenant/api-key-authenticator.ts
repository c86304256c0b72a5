import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { ApiKeyCache } from './api-key-cache.js';
import { ApiKeyUsage } from './credential-usage.js';
import { digestOf, hashMatches, hashOfDigest, prefixOf } from './api-key.js';
import { ApiKeyRepository } from './api-key.repository.js';
import type { ApiKeyCaller } from './caller.js';
import { verified } from './verified.js';

/**
 * Finds whose API key was presented. A key in use costs no round trip to the database: it is believed for five seconds, and
 * looked up again beside a request before they are over. So a revoked key stops working at once on the instance that revoked
 * it, and within five seconds on every other; while the database is away, a key that was verified lately goes on.
 */
@Injectable()
export class ApiKeyAuthenticator {
  readonly #cache = new ApiKeyCache();
  /** Look-ups under way, so that many callers with one key ask the database once. */
  readonly #lookUps = new Map<string, Promise<ApiKeyCaller | null>>();
  /** Counts revocations: what was looked up before one is not believed after it. */
  #revocations = 0;

  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly usage: ApiKeyUsage,
  ) {}

  async authenticate(key: string): Promise<ApiKeyCaller | null> {
    const known = this.recall(key);
    if (known !== null) return known;
    const prefix = prefixOf(key);
    if (prefix === null) return null;
    const digest = digestOf(key);
    const caller = await verified(this.#lookUp(digest, prefix), this.#cache.lastKnown(digest));
    if (caller !== null) this.usage.note(caller.tenant, caller.credential.id);
    return caller;
  }

  /** Whose key this is, if it was presented within the last seconds; null says nothing about the key. */
  recall(key: string): ApiKeyCaller | null {
    const prefix = prefixOf(key);
    if (prefix === null) return null;
    const digest = digestOf(key);
    const known = this.#cache.find(digest);
    if (known === null) return null;
    // When the look-up beside the request fails, a later request finds the entry expired and meets the failure itself.
    if (known.refresh) this.#lookUp(digest, prefix).catch(() => undefined);
    this.usage.note(known.caller.tenant, known.caller.credential.id);
    return known.caller;
  }

  /** Whose key this was when it was last looked up, minutes ago at most: for what is told in any case. */
  lastKnown(key: string): ApiKeyCaller | null {
    return prefixOf(key) === null ? null : this.#cache.lastKnown(digestOf(key));
  }

  forgetKey(tenant: TenantId, id: string): void {
    this.#forget((caller) => caller.tenant === tenant && caller.credential.id === id);
  }

  forgetTenant(tenant: TenantId): void {
    this.#forget((caller) => caller.tenant === tenant);
  }

  #forget(matches: (caller: ApiKeyCaller) => boolean): void {
    this.#revocations += 1;
    this.#lookUps.clear();
    this.#cache.forgetWhere(matches);
  }

  #lookUp(digest: string, prefix: string): Promise<ApiKeyCaller | null> {
    const underWay = this.#lookUps.get(digest);
    if (underWay !== undefined) return underWay;
    const lookUp = this.#ask(digest, prefix).finally(() => {
      if (this.#lookUps.get(digest) === lookUp) this.#lookUps.delete(digest);
    });
    this.#lookUps.set(digest, lookUp);
    return lookUp;
  }

  async #ask(digest: string, prefix: string): Promise<ApiKeyCaller | null> {
    const startedAt = performance.now();
    const revocations = this.#revocations;
    const stored = await this.keys.findByPrefix(prefix);
    if (!hashMatches(hashOfDigest(digest), stored?.hash) || stored === null) {
      this.#cache.forget(digest);
      return null;
    }
    const caller: ApiKeyCaller = {
      tenant: stored.tenant,
      scopes: stored.scopes,
      credential: { kind: 'api-key', id: stored.id },
    };
    if (revocations === this.#revocations) this.#cache.keep(digest, caller, startedAt);
    return caller;
  }
}
