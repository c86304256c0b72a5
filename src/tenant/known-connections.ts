import { Injectable } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { AgentConnectionRepository, type OpenedConnection } from './agent-connection.repository.js';
import { verified } from './verified.js';
import { clock } from '../platform/time/clock.js';

/** As long as an API key is believed: so long a connection that another instance changed or deleted may still count here. */
const BELIEVED_MS = 5_000;
/** The same while it cannot be looked up: minutes in which callers hear an apology rather than silence. */
const BELIEVED_UNVERIFIED_MS = 10 * 60_000;
/** One in use is looked up again beside the request once it is this old, so that no request waits for it. */
const REFRESH_AFTER_MS = BELIEVED_MS / 2;
const MOST_REMEMBERED = 10_000;

/** Connections as they were at most five seconds ago (minutes, while the database is away), so that a caller's request need not read one first. */
@Injectable()
export class KnownConnections {
  readonly #known = new Map<string, { connection: OpenedConnection; readAt: number }>();
  /** Look-ups under way, so that many requests for one connection ask the database once. */
  readonly #lookUps = new Map<string, Promise<OpenedConnection | null>>();
  /** Counts changes: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(private readonly connections: AgentConnectionRepository) {}

  /** @throws DomainError `unavailable` where the database does not answer in time */
  async find(id: string): Promise<OpenedConnection | null> {
    return this.recall(id) ?? verified(this.#lookUp(id), this.lastKnown(id));
  }

  /** As it was when it was last read, minutes ago at most. */
  lastKnown(id: string): OpenedConnection | null {
    const known = this.#known.get(id);
    if (known === undefined || hasLapsed(known.connection)) return null;
    return performance.now() - known.readAt < BELIEVED_UNVERIFIED_MS ? known.connection : null;
  }

  /** As `find`, if it was read within the last seconds. */
  recall(id: string): OpenedConnection | null {
    const known = this.#known.get(id);
    const age = known === undefined ? Infinity : performance.now() - known.readAt;
    if (known === undefined || age >= BELIEVED_MS || hasLapsed(known.connection)) return null;
    // When the look-up beside the request fails, a later request finds the entry too old and meets the failure itself.
    if (age >= REFRESH_AFTER_MS) this.#lookUp(id).catch(() => undefined);
    return known.connection;
  }

  forget(id: string): void {
    this.#changes += 1;
    this.#known.delete(id);
    this.#lookUps.delete(id);
  }

  forgetTenant(tenant: TenantId): void {
    this.#changes += 1;
    this.#lookUps.clear();
    for (const [id, { connection }] of this.#known) if (connection.tenant === tenant) this.#known.delete(id);
  }

  #lookUp(id: string): Promise<OpenedConnection | null> {
    const underWay = this.#lookUps.get(id);
    if (underWay !== undefined) return underWay;
    const lookUp = this.#read(id).finally(() => {
      if (this.#lookUps.get(id) === lookUp) this.#lookUps.delete(id);
    });
    this.#lookUps.set(id, lookUp);
    return lookUp;
  }

  async #read(id: string): Promise<OpenedConnection | null> {
    const [changes, readAt] = [this.#changes, performance.now()];
    const connection = await this.connections.open(id);
    this.#known.delete(id);
    if (connection !== null && changes === this.#changes) {
      // A Map keeps the order of insertion: the first is the one that was read longest ago.
      const [oldest] = this.#known.size >= MOST_REMEMBERED ? this.#known.keys() : [];
      if (oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(id, { connection, readAt });
    }
    return connection;
  }
}

/** Whether the secret before the last rotation was good when this was read, and is not any more. */
function hasLapsed({ secrets, previousSecretUntil }: OpenedConnection): boolean {
  return secrets.length > 1 && previousSecretUntil !== null && previousSecretUntil <= clock.date();
}
