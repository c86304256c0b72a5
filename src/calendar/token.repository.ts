import type { Secret } from '../platform/config/secret.js';
import type { SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ConnectionRef } from './calendar-provider.js';
import type { IssuedTokens } from './oauth-provider.js';

/** The tokens of a connection (`TenantGoogleToken`), opened. */
export interface StoredTokens {
  accessToken: Secret;
  refreshToken: Secret;
  accessExpiresAt: Date;
  /** Another one whenever the access token is another one. */
  version: string;
}

/** The right to refresh a connection's token, held by one instance at a time. */
export interface RefreshLease {
  refreshToken: Secret;
  until: Date;
}

/**
 * Keeps connections' tokens. Implementations see to it that they are unreadable at rest.
 * Methods throw `TokenCipherError` where stored tokens cannot be opened.
 */
export abstract class TokenRepository {
  abstract find(connection: ConnectionRef): Promise<StoredTokens | null>;

  /** Until the transaction ends, nobody else changes tokens of the tenant's. Before its connections, as whoever finds a grant gone. */
  abstract lock(sql: SqlTransaction, tenant: TenantId): Promise<void>;

  /** Replaces what is there, and ends any refresh in hand. */
  abstract save(
    sql: SqlTransaction,
    connection: ConnectionRef,
    tokens: IssuedTokens & { refreshToken: Secret },
  ): Promise<void>;

  /**
   * Takes the lease, unless the token is no longer `version` or another instance holds the lease.
   * @returns null when it was not given
   */
  abstract leaseRefresh(
    connection: ConnectionRef,
    version: string,
    leaseMs: number,
  ): Promise<RefreshLease | null>;

  /**
   * Stores what a refresh brought and ends its lease; a refresh token that did not come is not overwritten.
   * @returns false when the lease was lost meanwhile, for instance because the owner connected again
   */
  abstract saveRefreshed(
    connection: ConnectionRef,
    lease: RefreshLease,
    tokens: IssuedTokens,
  ): Promise<boolean>;

  abstract endLease(sql: SqlTransaction, connection: ConnectionRef, lease: RefreshLease): Promise<void>;

  /** Whether the lease is still held; locks the tokens until the transaction ends. */
  abstract holdsLease(sql: SqlTransaction, connection: ConnectionRef, lease: RefreshLease): Promise<boolean>;

  /**
   * Deletes a connection's tokens.
   * @returns the refresh token, or null when there was none or it cannot be opened any more
   */
  abstract remove(sql: SqlTransaction, tenant: TenantId, connectionId: string): Promise<Secret | null>;
}
