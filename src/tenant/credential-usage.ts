import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { TenantId } from '../platform/database/tenant-id.js';
import { AgentConnectionRepository } from './agent-connection.repository.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { clock } from '../platform/time/clock.js';

interface CredentialUse {
  tenant: TenantId;
  id: string;
  at: Date;
}

/** Each credential's last use is written at most this often. */
const EVERY_MS = 60_000;
/** Uses noted within this time are written together. */
const GATHER_MS = 1_000;

/** Keeps `lastUsedAt` right to the minute, beside the requests and never in their way. */
abstract class CredentialUsage implements OnApplicationShutdown {
  readonly #logger = new Logger(CredentialUsage.name);
  readonly #notedAt = new Map<string, number>();
  #waiting: CredentialUse[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly record: (uses: readonly CredentialUse[]) => Promise<void>) {}

  note(tenant: TenantId, id: string): void {
    const now = clock.now();
    if (now - (this.#notedAt.get(id) ?? 0) < EVERY_MS) return;
    this.#notedAt.set(id, now);
    this.#waiting.push({ tenant, id, at: new Date(now) });
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Writes what waits. A failure is logged and not repeated: the next use says more than this one. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#waiting;
    this.#waiting = [];
    for (const [id, notedAt] of this.#notedAt) {
      if (clock.now() - notedAt >= EVERY_MS) this.#notedAt.delete(id);
    }
    if (uses.length === 0) return;
    try {
      await this.record(uses);
    } catch (error) {
      this.#logger.warn({ error }, 'When credentials were last used could not be recorded');
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flush();
  }
}

@Injectable()
export class ApiKeyUsage extends CredentialUsage {
  constructor(keys: ApiKeyRepository) {
    super((uses) => keys.recordUse(uses));
  }
}

@Injectable()
export class AgentConnectionUsage extends CredentialUsage {
  constructor(connections: AgentConnectionRepository) {
    super((uses) => connections.recordUse(uses));
  }
}
