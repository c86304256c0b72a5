import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Secret } from '../platform/config/secret.js';
import { Settings } from '../platform/config/settings.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { TenantLifecycle } from '../tenant/tenant-lifecycle.js';
import type { CalendarDescription } from './calendar-provider.js';
import { ConnectionRepository } from './connection.repository.js';
import { WaitingWriteRepository } from './waiting-write.repository.js';
import { GrantRevoker, type GrantToRevoke } from './grant-revoker.js';
import type { IssuedTokens, OAuthAccount } from './oauth-provider.js';
import { TokenRepository } from './token.repository.js';
import { WaitingWrites } from './waiting-writes.js';

export interface NewConnection {
  account: OAuthAccount;
  scopes: readonly string[];
  primary: CalendarDescription;
  tokens: IssuedTokens & { refreshToken: Secret };
}

/** What is stored of a tenant's connection, changed as a whole or not at all. */
@Injectable()
export class CalendarStore implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionRepository,
    private readonly tokens: TokenRepository,
    private readonly writes: WaitingWriteRepository,
    private readonly waiting: WaitingWrites,
    private readonly revoker: GrantRevoker,
    private readonly lifecycle: TenantLifecycle,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.lifecycle.onDeleting((tenant) => this.disconnect(tenant));
  }

  /**
   * Connects an account: the same as before takes up its connection again, another one takes its place. Then what waited
   * for a calendar is written.
   */
  async connect(tenant: TenantId, { account, scopes, primary, tokens }: NewConnection): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      await this.connections.lock(sql, tenant);
      await this.#endConnections(sql, tenant, { except: account.sub });
      const connectionId = await this.connections.connect(sql, tenant, account, scopes, primary);
      await this.tokens.save(sql, { tenant, connectionId }, tokens);
      await this.waiting.enqueue(sql, tenant);
    });
  }

  /**
   * Forgets the account and ends its grant. Works whatever state the account, its token or Google are in: what cannot be
   * revoked now is tried again by a job. Bookings are left alone. Doing it twice changes nothing.
   */
  async disconnect(tenant: TenantId): Promise<void> {
    const grants = await this.database.inTenant(tenant, async (sql) => {
      await this.connections.lock(sql, tenant);
      // In the order in which an attempt that finds the grant gone takes the same rows, or the two could lock each other.
      await this.writes.disconnectPending(sql, tenant);
      return this.#endConnections(sql, tenant, { except: null });
    });
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    await Promise.all(grants.map((grant) => this.revoker.tryNow(grant, deadline)));
  }

  /** @returns the grants that are to be revoked; a job for each is part of the transaction */
  async #endConnections(
    sql: SqlTransaction,
    tenant: TenantId,
    { except }: { except: string | null },
  ): Promise<GrantToRevoke[]> {
    const grants: GrantToRevoke[] = [];
    for (const { id, accountSub } of await this.connections.findActive(sql, tenant)) {
      if (accountSub === except) continue;
      const token = await this.tokens.remove(sql, tenant, id);
      await this.connections.disconnect(sql, { tenant, connectionId: id });
      if (token === null) continue;
      const grant = { tenant, accountSub, token };
      await this.revoker.enqueue(sql, grant);
      grants.push(grant);
    }
    return grants;
  }
}
