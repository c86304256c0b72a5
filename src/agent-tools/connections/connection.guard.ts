import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Settings } from '../../platform/config/settings.js';
import { type Admission, type EarlyGuard, EarlyGuards } from '../../platform/http/early-guards.js';
import { isUuid } from '../../platform/database/tenant-id.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { requestContext } from '../../platform/logging/request-context.js';
import { connectionCaller } from '../../tenant/agent-connection-authenticator.js';
import type { AgentConnection } from '../../tenant/agent-connection.js';
import type { OpenedConnection } from '../../tenant/agent-connection.repository.js';
import { ACCESS, type Access } from '../../tenant/authenticated.decorator.js';
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

/** With what would authenticate it. */
interface CalledConnection extends AuthenticRequest {
  readonly connection: OpenedConnection;
}

type ConnectionRequest = VoiceRequest & { user?: Caller; authentic?: AuthenticRequest };

const NO_BYTES = Buffer.alloc(0);

/**
 * Lets a voice platform in: the address names the connection, its secret or signature authenticates it, and the tenant
 * follows from it. Whatever is wrong with a request, its sender learns no more than that it is not let in.
 */
@Injectable()
export class ConnectionGuard implements CanActivate, EarlyGuard {
  constructor(
    private readonly connections: KnownConnections,
    private readonly usage: AgentConnectionUsage,
    private readonly settings: Settings,
    private readonly reflector: Reflector,
    earlyGuards: EarlyGuards,
  ) {
    earlyGuards.register(this);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp().getRequest<ConnectionRequest>();
    if (!http.admitted) await this.#admit(http, await this.#called(http));
    // Now there is a body.
    http.authentic = { ...required(http.authentic), request: platformRequest(http, this.settings.publicUrl) };
    return true;
  }

  /**
   * A secret in a header or in the address is all there is to look at. Where there is none, what is signed is read before it is
   * known to be authentic, and nothing else is.
   */
  async admit(context: ExecutionContext, http: ConnectionRequest): Promise<Admission> {
    if (!this.#isMine(context)) return { kind: 'not mine' };
    const called = await this.#called(http);
    const { platform, connection, request } = called ?? refuse();
    const { signatureHeader } = platform;
    const { [signatureHeader ?? '']: signature, ...others } = request.headers;
    if (
      platform.isAuthentic({ ...request, headers: others, rawBody: NO_BYTES, body: undefined }, connection)
    ) {
      this.#letIn(http, { platform, connection, request });
      return { kind: 'admitted', principal: `connection ${connection.id}` };
    }
    return signature === undefined ? refuse() : { kind: 'unread' };
  }

  async admitBody(context: ExecutionContext, http: ConnectionRequest): Promise<void> {
    if (this.#isMine(context)) await this.#admit(http, await this.#called(http));
  }

  #isMine(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<Access | undefined>(ACCESS, places)?.kind === 'connection';
  }

  async #admit(http: ConnectionRequest, called: CalledConnection | null): Promise<void> {
    const { platform, connection, request } = called ?? refuse();
    if (!platform.isAuthentic(request, connection)) refuse();
    this.#letIn(http, { platform, connection, request });
    http.admitted = true;
    http.principal = `connection ${connection.id}`;
  }

  #letIn(http: ConnectionRequest, authentic: AuthenticRequest): void {
    const { tenant, id } = authentic.connection;
    requestContext.set({ tenantId: tenant });
    this.usage.note(tenant, id);
    http.user = connectionCaller(authentic.connection);
    http.authentic = authentic;
  }

  /** What the address names, whoever asks. */
  async #called(http: ConnectionRequest): Promise<CalledConnection | null> {
    const platform = platformNamed(http.params.platform);
    const id = http.params.connectionId.toLowerCase();
    // HEAD comes with every GET, and nobody who sends it hears an answer.
    if (platform === undefined || !isUuid(id) || http.method === 'HEAD') return null;
    const connection = await this.connections.find(id);
    if (connection?.platform !== platform.name) return null;
    return { platform, connection, request: platformRequest(http, this.settings.publicUrl) };
  }
}

function refuse(): never {
  throw new DomainError('unauthenticated', 'The request does not come from a connection of this address.');
}

function required(authentic: AuthenticRequest | undefined): AuthenticRequest {
  return authentic ?? refuse();
}
