import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { BookableRepository } from '../../booking/schedule/bookable.repository.js';
import { Secret } from '../../platform/config/secret.js';
import { Settings } from '../../platform/config/settings.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import {
  DomainError,
  type FieldProblem,
  invalidInput,
  notFound,
} from '../../platform/errors/domain-error.js';
import { generateConnectionSecret } from '../../tenant/agent-connection-secret.js';
import type { AgentConnection, ConnectionWish } from '../../tenant/agent-connection.js';
import { AgentConnectionRepository } from '../../tenant/agent-connection.repository.js';
import { isStrongSecret } from '../../tenant/strong-secret.js';
import { KnownConnections } from '../../tenant/known-connections.js';
import { platformNamed } from '../platforms/platforms.js';
import type { PlatformCredential, VoicePlatform } from '../platforms/voice-platform.js';
import { type ConnectionView, connectionView } from './connection-view.js';
import { clock } from '../../platform/time/clock.js';

/** Enough for every number and agent of an organisation; bounds the list. */
const MOST_CONNECTIONS = 100;

/** Secrets that are given rather than made. */
export interface GivenSecrets {
  secret?: string;
  webhookSecret?: string;
}

/** A connection with its secret, which cannot be shown again. */
export type NewConnectionView = ConnectionView & { secret: string };

/** An organisation's credentials for voice platforms, as its dashboard manages them. */
@Injectable()
export class AgentConnectionsService {
  constructor(
    private readonly connections: AgentConnectionRepository,
    private readonly known: KnownConnections,
    private readonly bookables: BookableRepository,
    private readonly settings: Settings,
  ) {}

  /**
   * @throws DomainError `invalid_input` for a secret that cannot be the platform's; `not_found` for a service or resource in the
   * scope that is not the tenant's; `limit_reached` where the tenant has a hundred connections
   */
  async create(tenant: TenantId, wish: ConnectionWish, given: GivenSecrets): Promise<NewConnectionView> {
    const platform = platformOf(wish);
    refuseSecrets(platform, given, platform.credential.required === true);
    await this.#refuseUnknownScope(tenant, wish);
    if ((await this.connections.list(tenant)).length >= MOST_CONNECTIONS) {
      throw new DomainError('limit_reached', `There can be at most ${MOST_CONNECTIONS} connections.`);
    }
    const id = randomUUID();
    const secret = given.secret === undefined ? generateConnectionSecret(id) : new Secret(given.secret);
    const webhookSecret = given.webhookSecret === undefined ? null : new Secret(given.webhookSecret);
    const made = await this.connections.add({ tenant, id }, wish, { secret, webhookSecret });
    return { ...this.#view(made), secret: secret.reveal() };
  }

  /** Oldest first. */
  async list(tenant: TenantId): Promise<ConnectionView[]> {
    return (await this.connections.list(tenant)).map((connection) => this.#view(connection));
  }

  /** @throws DomainError `not_found` */
  async get(tenant: TenantId, id: string): Promise<ConnectionView> {
    const found = await this.connections.find(tenant, id);
    if (found === null) throw notFound('connection');
    return this.#view(found);
  }

  /**
   * What is not given stays as it is.
   * @throws DomainError `not_found`, also for a service or resource in the scope that is not the tenant's; `invalid_input` for a
   * webhook secret where the platform has none
   */
  async change(
    tenant: TenantId,
    id: string,
    { webhookSecret, ...changes }: Partial<Omit<ConnectionWish, 'platform'>> & { webhookSecret?: string },
  ): Promise<ConnectionView> {
    const found = await this.connections.find(tenant, id);
    if (found === null) throw notFound('connection');
    refuseSecrets(platformOf(found), { webhookSecret }, false);
    await this.#refuseUnknownScope(tenant, changes);
    const secret = webhookSecret === undefined ? undefined : new Secret(webhookSecret);
    const changed = await this.connections.change({ tenant, id }, changes, secret);
    this.known.forget(id);
    if (changed === null) throw notFound('connection');
    return this.#view(changed);
  }

  /**
   * Gives the connection a new secret; the present one may go on working for a while, so that nothing is missed while the
   * platform is changed over.
   * @throws DomainError `not_found`, `invalid_input` as `create`
   */
  async rotate(
    tenant: TenantId,
    id: string,
    { keepPreviousSeconds, ...given }: GivenSecrets & { keepPreviousSeconds: number },
  ): Promise<NewConnectionView> {
    const found = await this.connections.find(tenant, id);
    if (found === null) throw notFound('connection');
    const platform = platformOf(found);
    refuseSecrets(platform, given, platform.credential.required === true);
    const secret = given.secret === undefined ? generateConnectionSecret(id) : new Secret(given.secret);
    const until = keepPreviousSeconds === 0 ? null : new Date(clock.now() + keepPreviousSeconds * 1000);
    const webhookSecret = given.webhookSecret === undefined ? undefined : new Secret(given.webhookSecret);
    const rotated = await this.connections.rotate({ tenant, id }, { secret, webhookSecret }, until);
    this.known.forget(id);
    if (rotated === null) throw notFound('connection');
    return { ...this.#view(rotated), secret: secret.reveal() };
  }

  /** Stops working at once here, and within five seconds on other instances. @throws DomainError `not_found` */
  async delete(tenant: TenantId, id: string): Promise<void> {
    const existed = await this.connections.delete({ tenant, id });
    this.known.forget(id);
    if (!existed) throw notFound('connection');
  }

  #view(connection: AgentConnection): ConnectionView {
    return connectionView(connection, platformOf(connection), this.settings.publicUrl);
  }

  async #refuseUnknownScope(
    tenant: TenantId,
    { serviceIds = [], resourceIds = [] }: Partial<Pick<ConnectionWish, 'serviceIds' | 'resourceIds'>>,
  ): Promise<void> {
    const unknown = [
      ...problems(
        'serviceIds',
        serviceIds,
        await this.#idsOf(serviceIds, () => this.bookables.listServices(tenant)),
      ),
      ...problems(
        'resourceIds',
        resourceIds,
        await this.#idsOf(resourceIds, () => this.bookables.listResources(tenant)),
      ),
    ];
    if (unknown.length === 0) return;
    throw new DomainError('not_found', 'There is no such service or resource.', { errors: unknown });
  }

  async #idsOf(asked: readonly string[], list: () => Promise<{ id: string }[]>): Promise<Set<string>> {
    return new Set(asked.length === 0 ? [] : (await list()).map(({ id }) => id));
  }
}

function problems(field: string, asked: readonly string[], there: ReadonlySet<string>): FieldProblem[] {
  return asked.flatMap((id, index) =>
    there.has(id) ? [] : [{ field: `${field}[${index}]`, message: 'is not one that is offered' }],
  );
}

/** A platform is never taken out of the list while connections of it are stored. */
function platformOf({ platform }: Pick<AgentConnection, 'platform'>): VoicePlatform {
  const found = platformNamed(platform);
  if (found === undefined) throw new Error(`There is no platform "${platform}".`);
  return found;
}

/** What platforms send as it is has to be random; what they sign with is theirs. */
function weakness({ secretFrom }: PlatformCredential, secret: string): string | null {
  if (secretFrom === 'theirs' || isStrongSecret(secret)) return null;
  return 'must be at least 32 random characters, or be left out so that one is made';
}

function refuseSecrets(
  { credential, title }: VoicePlatform,
  { secret, webhookSecret }: GivenSecrets,
  isRequired: boolean,
): void {
  const wrong: FieldProblem[] = [];
  if (secret === undefined && isRequired) {
    wrong.push({ field: 'secret', message: `is needed: ${credential.secretIs}` });
  }
  const problem =
    secret === undefined ? null : (credential.problemWith?.(secret) ?? weakness(credential, secret));
  if (problem !== null) wrong.push({ field: 'secret', message: problem });
  if (webhookSecret !== undefined && credential.webhookSecretIs === undefined) {
    wrong.push({ field: 'webhookSecret', message: `is not used with ${title}` });
  }
  if (wrong.length > 0) throw invalidInput(...wrong);
}
