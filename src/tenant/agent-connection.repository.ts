import { Injectable } from '@nestjs/common';
import type { Secret } from '../platform/config/secret.js';
import { Database } from '../platform/database/database.js';
import type { AgentConnection as Row } from '../platform/database/generated/client.js';
import { asTenantId, type TenantId } from '../platform/database/tenant-id.js';
import type { EncryptedTable } from '../platform/encryption/encrypted-table.js';
import { type CipherPlace, TokenCipher } from '../platform/encryption/token-cipher.js';
import type { AgentConnection, ConnectionSecrets, ConnectionWish } from './agent-connection.js';
import { clock } from '../platform/time/clock.js';

/** A connection with what authenticates it. */
export type OpenedConnection = AgentConnection & ConnectionSecrets;

interface ConnectionRef {
  tenant: TenantId;
  id: string;
}

/**
 * Connections with their secrets, encrypted, each bound to its tenant and connection. They belong to the system's side, like
 * API keys: tenants' transactions have no right to this table at all.
 */
@Injectable()
export class AgentConnectionRepository {
  constructor(
    private readonly database: Database,
    private readonly cipher: TokenCipher,
  ) {}

  async add(
    { tenant, id }: ConnectionRef,
    { platform, name, serviceIds, resourceIds, locale }: ConnectionWish,
    { secret, webhookSecret }: { secret: Secret; webhookSecret: Secret | null },
  ): Promise<AgentConnection> {
    const place = { tenant, id };
    const row = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.create({
        data: {
          ...{ tenantId: tenant, id, platform, name, locale },
          ...{ serviceIds: [...serviceIds], resourceIds: [...resourceIds] },
          keyId: this.cipher.keyId,
          secret: this.#encrypt(secret, place, 'secret'),
          webhookSecret: webhookSecret && this.#encrypt(webhookSecret, place, 'webhook_secret'),
        },
      }),
    );
    return connectionOf(row);
  }

  /** Oldest first. */
  async list(tenant: TenantId): Promise<AgentConnection[]> {
    const rows = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.findMany({
        where: { tenantId: tenant },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
    );
    return rows.map(connectionOf);
  }

  async find(tenant: TenantId, id: string): Promise<AgentConnection | null> {
    const row = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } }),
    );
    return row && connectionOf(row);
  }

  /** What is not given stays as it is. @returns null when there is none */
  async change(
    { tenant, id }: ConnectionRef,
    { serviceIds, resourceIds, ...changes }: Partial<Omit<ConnectionWish, 'platform'>>,
    webhookSecret?: Secret,
  ): Promise<AgentConnection | null> {
    const place = { tenant, id };
    const [row] = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.updateManyAndReturn({
        where: { tenantId: tenant, id },
        data: {
          ...changes,
          ...(serviceIds === undefined ? {} : { serviceIds: [...serviceIds] }),
          ...(resourceIds === undefined ? {} : { resourceIds: [...resourceIds] }),
          ...(webhookSecret === undefined
            ? {}
            : { webhookSecret: this.#encrypt(webhookSecret, place, 'webhook_secret') }),
        },
      }),
    );
    return row === undefined ? null : connectionOf(row);
  }

  /**
   * Puts a new secret in the place of the present one, which may go on working for a while.
   * @param webhookSecret undefined leaves it as it is
   * @returns null when there is no such connection
   */
  async rotate(
    { tenant, id }: ConnectionRef,
    { secret, webhookSecret }: { secret: Secret; webhookSecret?: Secret },
    previousSecretUntil: Date | null,
  ): Promise<AgentConnection | null> {
    return this.database.prismaInSystem(async (prisma) => {
      await prisma.$queryRaw`SELECT 1 FROM agent_connection WHERE tenant_id = ${tenant}::uuid AND id = ${id}::uuid FOR UPDATE`;
      const found = await prisma.agentConnection.findUnique({
        where: { tenantId_id: { tenantId: tenant, id } },
      });
      if (found === null) return null;
      const place = { tenant, id };
      const kept = webhookSecret ?? this.#open(found.webhookSecret, place, 'webhook_secret');
      const previous = previousSecretUntil === null ? null : this.#open(found.secret, place, 'secret');
      const row = await prisma.agentConnection.update({
        where: { tenantId_id: { tenantId: tenant, id } },
        data: {
          keyId: this.cipher.keyId,
          secret: this.#encrypt(secret, place, 'secret'),
          previousSecret: previous && this.#encrypt(previous, place, 'previous_secret'),
          previousSecretUntil,
          webhookSecret: kept && this.#encrypt(kept, place, 'webhook_secret'),
          rotatedAt: clock.date(),
        },
      });
      return connectionOf(row);
    });
  }

  /** @returns whether there was such a connection */
  async delete({ tenant, id }: ConnectionRef): Promise<boolean> {
    const { count } = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.deleteMany({ where: { tenantId: tenant, id } }),
    );
    return count > 0;
  }

  /** The one question asked before a tenant is known; ids are unique over all tenants. */
  async open(id: string): Promise<OpenedConnection | null> {
    const row = await this.database.prismaInSystem((prisma) =>
      prisma.agentConnection.findUnique({ where: { id } }),
    );
    if (row === null) return null;
    const place = { tenant: asTenantId(row.tenantId), id };
    const isPreviousGood = row.previousSecretUntil !== null && row.previousSecretUntil > clock.date();
    const previous = isPreviousGood ? this.#open(row.previousSecret, place, 'previous_secret') : null;
    return {
      ...connectionOf(row),
      secrets: [this.#open(row.secret, place, 'secret'), previous].filter((secret) => secret !== null),
      webhookSecret: this.#open(row.webhookSecret, place, 'webhook_secret'),
    };
  }

  /** Records when connections were last used, all in one statement; never moves a time backwards. */
  async recordUse(uses: readonly (ConnectionRef & { at: Date })[]): Promise<void> {
    await this.database.inSystem((sql) =>
      sql.query(
        `UPDATE agent_connection c SET last_used_at = greatest(c.last_used_at, u.at)
         FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS u (tenant_id, id, at)
         WHERE c.tenant_id = u.tenant_id AND c.id = u.id`,
        [uses.map((use) => use.tenant), uses.map((use) => use.id), uses.map((use) => use.at)],
      ),
    );
  }

  #encrypt(secret: Secret, place: ConnectionRef, field: SecretField): string {
    return this.cipher.encrypt(secret, secretPlace(place, field));
  }

  #open(ciphertext: string, place: ConnectionRef, field: SecretField): Secret;
  #open(ciphertext: string | null, place: ConnectionRef, field: SecretField): Secret | null;
  #open(ciphertext: string | null, place: ConnectionRef, field: SecretField): Secret | null {
    return ciphertext === null ? null : this.cipher.decrypt(ciphertext, secretPlace(place, field));
  }
}

type SecretField = 'secret' | 'previous_secret' | 'webhook_secret';

/** Where the secrets are, for rotating keys and checking a deployment. */
export const CONNECTION_SECRETS = {
  name: 'agent_connection',
  connectionColumn: 'id',
  fields: {
    secret: 'agent_secret',
    previous_secret: 'agent_previous_secret',
    webhook_secret: 'agent_webhook_secret',
  },
} as const satisfies EncryptedTable;

function secretPlace({ tenant, id }: ConnectionRef, field: SecretField): CipherPlace {
  return { tenant, connection: id, field: CONNECTION_SECRETS.fields[field] };
}

function connectionOf({ tenantId, id, platform, name, ...row }: Row): AgentConnection {
  const { serviceIds, resourceIds, locale, createdAt, rotatedAt, previousSecretUntil, lastUsedAt } = row;
  return {
    ...{ tenant: asTenantId(tenantId), id, platform, name, serviceIds, resourceIds, locale },
    ...{ createdAt, rotatedAt, previousSecretUntil, lastUsedAt },
  };
}
