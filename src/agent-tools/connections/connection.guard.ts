import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/settings.js';
import { isUuid } from '../../platform/database/tenant-id.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { requestContext } from '../../platform/logging/request-context.js';
import { connectionCaller } from '../../tenant/agent-connection-authenticator.js';
import type { AgentConnection } from '../../tenant/agent-connection.js';
import type { Caller } from '../../tenant/caller.js';
import { AgentConnectionUsage } from '../../tenant/credential-usage.js';
import { KnownConnections } from '../../tenant/known-connections.js';
import { platformRequest, type VoiceRequest } from '../platforms/platform-request.js';
import { platformNamed } from '../platforms/platforms.js';
import type { PlatformRequest, VoicePlatform } from '../platforms/voice-platform.js';

/** A request that the guard has let in: by which connection, from which platform, and what it says. */
export interface AuthenticRequest {
  readonly platform: VoicePlatform;
  readonly connection: AgentConnection;
  readonly request: PlatformRequest;
}

/**
 * Lets a voice platform in: the address names the connection, its secret or signature authenticates it, and the tenant
 * follows from it. Whatever is wrong with a request, its sender learns no more than that it is not let in.
 */
@Injectable()
export class ConnectionGuard implements CanActivate {
  constructor(
    private readonly connections: KnownConnections,
    private readonly usage: AgentConnectionUsage,
    private readonly settings: Settings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context
      .switchToHttp()
      .getRequest<VoiceRequest & { user?: Caller; authentic?: AuthenticRequest }>();
    const authentic = await this.#authenticate(http);
    if (authentic === null) {
      throw new DomainError(
        'unauthenticated',
        'The request does not come from a connection of this address.',
      );
    }
    const { tenant, id } = authentic.connection;
    requestContext.set({ tenantId: tenant });
    this.usage.note(tenant, id);
    http.user = connectionCaller(authentic.connection);
    http.authentic = authentic;
    return true;
  }

  async #authenticate(http: VoiceRequest): Promise<AuthenticRequest | null> {
    const platform = platformNamed(http.params.platform);
    const id = http.params.connectionId.toLowerCase();
    // HEAD comes with every GET, and nobody who sends it hears an answer.
    if (platform === undefined || !isUuid(id) || http.method === 'HEAD') return null;
    const connection = await this.connections.find(id);
    if (connection?.platform !== platform.name) return null;
    const request = platformRequest(http, this.settings.publicUrl);
    return platform.isAuthentic(request, connection) ? { platform, connection, request } : null;
  }
}
