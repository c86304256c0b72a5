import { Injectable, Logger } from '@nestjs/common';
import type { Secret } from '../platform/config/secret.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { ConnectionRef } from './calendar-provider.js';
import type { IssuedTokens } from './oauth-provider.js';
import type { EncryptedTable } from '../platform/encryption/encrypted-table.js';
import { TokenCipher, TokenCipherError, type CipherPlace } from '../platform/encryption/token-cipher.js';
import { TokenRepository, type RefreshLease, type StoredTokens } from './token.repository.js';

type TokenField = 'access_token' | 'refresh_token';

/** Where the tokens are, for rotating keys and checking a deployment. */
export const GOOGLE_TOKENS: EncryptedTable = {
  name: 'tenant_google_token',
  connectionColumn: 'connection_id',
  fields: { access_token: 'access_token', refresh_token: 'refresh_token' },
};

/** Tokens in `tenant_google_token`, encrypted by `TokenCipher`, each bound to its tenant, connection and field. */
@Injectable()
export class EncryptedTokenRepository extends TokenRepository {
  readonly #logger = new Logger(EncryptedTokenRepository.name);

  constructor(
    private readonly database: Database,
    private readonly cipher: TokenCipher,
  ) {
    super();
  }

  async find(connection: ConnectionRef): Promise<StoredTokens | null> {
    const { tenant, connectionId } = connection;
    const row = await this.database.prismaInTenant(tenant, (prisma) =>
      prisma.tenantGoogleToken.findUnique({
        where: { tenantId_connectionId: { tenantId: tenant, connectionId } },
      }),
    );
    return row === null
      ? null
      : {
          accessToken: this.cipher.decrypt(row.accessToken, placeOf(connection, 'access_token')),
          refreshToken: this.cipher.decrypt(row.refreshToken, placeOf(connection, 'refresh_token')),
          accessExpiresAt: row.accessExpiresAt,
          version: row.accessToken,
        };
  }

  async lock(sql: SqlTransaction, tenant: TenantId): Promise<void> {
    await sql.query(
      'SELECT 1 FROM tenant_google_token WHERE tenant_id = $1 ORDER BY connection_id FOR UPDATE',
      [tenant],
    );
  }

  async save(
    sql: SqlTransaction,
    connection: ConnectionRef,
    tokens: IssuedTokens & { refreshToken: Secret },
  ): Promise<void> {
    await sql.query(
      `INSERT INTO tenant_google_token
         (tenant_id, connection_id, key_id, access_token, refresh_token, access_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, connection_id) DO UPDATE SET key_id = excluded.key_id,
         access_token = excluded.access_token, refresh_token = excluded.refresh_token,
         access_expires_at = excluded.access_expires_at, refresh_lease_until = NULL, updated_at = now()`,
      [
        connection.tenant,
        connection.connectionId,
        this.cipher.keyId,
        this.cipher.encrypt(tokens.accessToken, placeOf(connection, 'access_token')),
        this.cipher.encrypt(tokens.refreshToken, placeOf(connection, 'refresh_token')),
        tokens.accessExpiresAt,
      ],
    );
  }

  async leaseRefresh(
    connection: ConnectionRef,
    version: string,
    leaseMs: number,
  ): Promise<RefreshLease | null> {
    const [row] = await this.database.inTenant(connection.tenant, (sql) =>
      sql.query<{ refresh_token: string; refresh_lease_until: Date }>(
        `UPDATE tenant_google_token SET refresh_lease_until = clock_timestamp() + $4::int * interval '1 ms'
         WHERE tenant_id = $1 AND connection_id = $2 AND access_token = $3
           AND (refresh_lease_until IS NULL OR refresh_lease_until < clock_timestamp())
         RETURNING refresh_token, refresh_lease_until`,
        [connection.tenant, connection.connectionId, version, leaseMs],
      ),
    );
    if (row === undefined) return null;
    return {
      refreshToken: this.cipher.decrypt(row.refresh_token, placeOf(connection, 'refresh_token')),
      until: row.refresh_lease_until,
    };
  }

  async saveRefreshed(
    connection: ConnectionRef,
    lease: RefreshLease,
    tokens: IssuedTokens,
  ): Promise<boolean> {
    // Both are written, so that a row is always under one key.
    const rows = await this.database.inTenant(connection.tenant, (sql) =>
      sql.query(
        `UPDATE tenant_google_token SET key_id = $4, access_token = $5, refresh_token = $6, access_expires_at = $7,
           refresh_lease_until = NULL, updated_at = now()
         WHERE tenant_id = $1 AND connection_id = $2 AND refresh_lease_until = $3 RETURNING 1`,
        [
          connection.tenant,
          connection.connectionId,
          lease.until,
          this.cipher.keyId,
          this.cipher.encrypt(tokens.accessToken, placeOf(connection, 'access_token')),
          this.cipher.encrypt(
            tokens.refreshToken ?? lease.refreshToken,
            placeOf(connection, 'refresh_token'),
          ),
          tokens.accessExpiresAt,
        ],
      ),
    );
    return rows.length > 0;
  }

  async endLease(sql: SqlTransaction, connection: ConnectionRef, { until }: RefreshLease): Promise<void> {
    await sql.query(
      `UPDATE tenant_google_token SET refresh_lease_until = NULL
       WHERE tenant_id = $1 AND connection_id = $2 AND refresh_lease_until = $3`,
      [connection.tenant, connection.connectionId, until],
    );
  }

  async holdsLease(
    sql: SqlTransaction,
    connection: ConnectionRef,
    { until }: RefreshLease,
  ): Promise<boolean> {
    const rows = await sql.query(
      `SELECT 1 FROM tenant_google_token
       WHERE tenant_id = $1 AND connection_id = $2 AND refresh_lease_until = $3 FOR UPDATE`,
      [connection.tenant, connection.connectionId, until],
    );
    return rows.length > 0;
  }

  async remove(sql: SqlTransaction, tenant: TenantId, connectionId: string): Promise<Secret | null> {
    const [row] = await sql.query<{ refresh_token: string }>(
      `DELETE FROM tenant_google_token WHERE tenant_id = $1 AND connection_id = $2 RETURNING refresh_token`,
      [tenant, connectionId],
    );
    if (row === undefined) return null;
    try {
      return this.cipher.decrypt(row.refresh_token, placeOf({ tenant, connectionId }, 'refresh_token'));
    } catch (error) {
      if (!(error instanceof TokenCipherError)) throw error;
      // Disconnecting must work all the same; what cannot be read cannot be revoked.
      this.#logger.warn(
        { tenant, connectionId, problem: error.problem },
        'A refresh token was deleted unread',
      );
      return null;
    }
  }
}

function placeOf({ tenant, connectionId }: ConnectionRef, field: TokenField): CipherPlace {
  return { tenant, connection: connectionId, field };
}
