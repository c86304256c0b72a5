import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Secret } from '../platform/config/secret.js';
import { Settings } from '../platform/config/settings.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { notFound } from '../platform/errors/domain-error.js';
import { TenantLifecycle } from '../tenant/tenant-lifecycle.js';
import type { CalendarDescription } from './calendar-provider.js';
import { ConnectionRepository, type ActiveAccount } from './connection.repository.js';
import { WaitingWriteRepository } from './waiting-write.repository.js';
import { GrantRevoker, type GrantToRevoke } from './grant-revoker.js';
import type { IssuedTokens, OAuthAccount } from './oauth-provider.js';
import { PushChannels } from './mirror/push-channels.js';
import { SyncLoop } from './mirror/sync-loop.js';
import { SyncRepository } from './mirror/sync.repository.js';
import { OwnerChanges } from './owner-changes.js';
import { TokenRepository } from './token.repository.js';
import { WaitingWrites } from './waiting-writes.js';

export interface NewConnection {
  account: OAuthAccount;
  scopes: readonly string[];
  primary: CalendarDescription;
  tokens: IssuedTokens & { refreshToken: Secret };
}

/** What is stored of a tenant's connected accounts, changed as a whole or not at all. */
@Injectable()
export class CalendarStore implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionRepository,
    private readonly tokens: TokenRepository,
    private readonly writes: WaitingWriteRepository,
    private readonly waiting: WaitingWrites,
    private readonly syncs: SyncRepository,
    private readonly loop: SyncLoop,
    private readonly ownerChanges: OwnerChanges,
    private readonly push: PushChannels,
    private readonly revoker: GrantRevoker,
    private readonly lifecycle: TenantLifecycle,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.lifecycle.onDeleting((tenant) => this.disconnect(tenant));
  }

  /**
   * Connects an account. One of those there are is connected anew, and the others are left alone. Another one takes the place
   * of those there are, or comes beside them. Then what waited for a calendar is written.
   */
  async connect(
    tenant: TenantId,
    { account, scopes, primary, tokens }: NewConnection,
    { addsAccount = false } = {},
  ): Promise<void> {
    await this.database.inTenant(tenant, async (sql) => {
      await this.connections.lock(sql, tenant);
      await this.syncs.lock(sql, tenant);
      const present = await this.connections.findActive(sql, tenant);
      const isPresent = present.some(({ accountSub }) => accountSub === account.sub);
      if (!addsAccount && !isPresent) for (const other of present) await this.#end(sql, tenant, other);
      await this.tokens.lock(sql, tenant);
      const connectionId = await this.connections.connect(sql, tenant, account, scopes, primary);
      await this.connections.ensureDefault(sql, tenant);
      await this.tokens.save(sql, { tenant, connectionId }, tokens);
      await this.syncs.adopt(sql, tenant);
      await this.syncs.restart(sql, { tenant, connectionId });
      await this.waiting.enqueue(sql, tenant);
    });
    this.loop.wake();
  }

  /**
   * Forgets all accounts and ends their grants. Works whatever state an account, its token or Google are in: what cannot be
   * revoked now is tried again by a job. Bookings are left alone. Doing it twice changes nothing.
   */
  async disconnect(tenant: TenantId): Promise<void> {
    await this.#disconnect(tenant, () => true);
  }

  /**
   * As `disconnect`, one account. The bookings to come whose events were in it go on to the default account of those that
   * are left.
   * @throws DomainError `not_found` when no such account is connected
   */
  async disconnectAccount(tenant: TenantId, accountId: string): Promise<void> {
    const ended = await this.#disconnect(tenant, ({ id }) => id === accountId);
    if (ended === 0) throw notFound('connected account');
  }

  /** @returns how many accounts that were */
  async #disconnect(tenant: TenantId, isMeant: (account: ActiveAccount) => boolean): Promise<number> {
    await this.#stopPushes(tenant, isMeant);
    const { ended, grants } = await this.database.inTenant(tenant, async (sql) => {
      await this.connections.lock(sql, tenant);
      await this.syncs.lock(sql, tenant);
      const accounts = await this.connections.findActive(sql, tenant);
      const meant = accounts.filter(isMeant);
      const toRevoke: GrantToRevoke[] = [];
      for (const account of meant) {
        const grant = await this.#end(sql, tenant, account);
        if (grant !== null) toRevoke.push(grant);
      }
      if (meant.length > 0 && meant.length < accounts.length) {
        await this.connections.ensureDefault(sql, tenant);
        await this.syncs.adopt(sql, tenant);
        // Where another calendar steps in that is mirrored already, what is in it counts for other bookings from now on.
        for (const calendarId of await this.syncs.mirrored(sql, tenant))
          await this.ownerChanges.noteOverlaps(sql, tenant, calendarId, null);
        await this.waiting.enqueue(sql, tenant);
      }
      return { ended: meant.length, grants: toRevoke };
    });
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    await Promise.all(grants.map((grant) => this.revoker.tryNow(grant, deadline)));
    return ended;
  }

  /** While there is a token to do it with. What cannot be stopped in time tells of nothing that is known any more, and ends by itself. */
  async #stopPushes(tenant: TenantId, isMeant: (account: ActiveAccount) => boolean): Promise<void> {
    const accounts = await this.database.inTenant(tenant, (sql) => this.connections.findActive(sql, tenant));
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    await Promise.all(
      accounts
        .filter(isMeant)
        .map(({ id: connectionId }) => this.push.stopAll({ tenant, connectionId }, deadline)),
    );
  }

  /** @returns the grant that is to be revoked, if any; a job for that is part of the transaction */
  async #end(
    sql: SqlTransaction,
    tenant: TenantId,
    { id: connectionId, accountSub }: ActiveAccount,
  ): Promise<GrantToRevoke | null> {
    const connection = { tenant, connectionId };
    await this.syncs.forgetAll(sql, connection);
    // In the order in which an attempt that finds the grant gone takes the same rows, or the two could lock each other.
    await this.writes.disconnectPending(sql, connection);
    const token = await this.tokens.remove(sql, tenant, connectionId);
    await this.connections.disconnect(sql, connection);
    if (token === null) return null;
    const grant = { tenant, accountSub, token };
    await this.revoker.enqueue(sql, grant);
    return grant;
  }
}
