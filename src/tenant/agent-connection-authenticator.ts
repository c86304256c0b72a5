import { Injectable } from '@nestjs/common';
import { connectionNamedBy } from './agent-connection-secret.js';
import type { AgentConnection } from './agent-connection.js';
import type { OpenedConnection } from './agent-connection.repository.js';
import type { Caller } from './caller.js';
import { AgentConnectionUsage } from './credential-usage.js';
import { KnownConnections } from './known-connections.js';

/** Finds whose agent connection a secret of our own making is of, where it comes alone: as a bearer token. */
@Injectable()
export class AgentConnectionAuthenticator {
  constructor(
    private readonly connections: KnownConnections,
    private readonly usage: AgentConnectionUsage,
  ) {}

  async authenticate(credential: string): Promise<Caller | null> {
    const id = connectionNamedBy(credential);
    return id === null ? null : this.#callerOf(await this.connections.find(id), credential);
  }

  /** As `authenticate`, if the connection was in use within the last seconds; null says nothing about the secret. */
  recall(credential: string): Caller | null {
    const id = connectionNamedBy(credential);
    return id === null ? null : this.#callerOf(this.connections.recall(id), credential);
  }

  /** As `recall`, of a connection that was in use within the last minutes: for what is told in any case. */
  lastKnown(credential: string): Caller | null {
    const id = connectionNamedBy(credential);
    return id === null ? null : this.#callerOf(this.connections.lastKnown(id), credential);
  }

  #callerOf(connection: OpenedConnection | null, credential: string): Caller | null {
    if (connection === null) return null;
    if (!connection.secrets.map((secret) => secret.matches(credential)).includes(true)) return null;
    this.usage.note(connection.tenant, connection.id);
    return connectionCaller(connection);
  }
}

/** Whom a connection stands for. */
export function connectionCaller({ tenant, id, serviceIds, resourceIds, locale }: AgentConnection): Caller {
  return {
    tenant,
    scopes: ['agent'],
    credential: { kind: 'agent-connection', id, scope: { serviceIds, resourceIds }, locale },
  };
}
