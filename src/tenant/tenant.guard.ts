import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../platform/errors/domain-error.js';
import { type Admission, type EarlyGuard, EarlyGuards } from '../platform/http/early-guards.js';
import { requestContext } from '../platform/logging/request-context.js';
import { AgentConnectionAuthenticator } from './agent-connection-authenticator.js';
import { AgentConnectionStrategy } from './agent-connection.strategy.js';
import { AdminKeyStrategy } from './admin-key.strategy.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ACCESS, type Access } from './authenticated.decorator.js';
import { ADMINISTRATOR, type Principal } from './caller.js';
import { DashboardJwtStrategy } from './dashboard-jwt.strategy.js';

/** As passport reads the header: the scheme in any case, one space, the credential. */
const PRESENTED = /^Bearer (\S+)$/i;
const CHALLENGE = 'Bearer realm="receptionist-calendar"';

type GuardedRequest = FastifyRequest & { user?: Principal };

/**
 * Guards every route of the service. Closed by default: a route that does not say who may use it is used by nobody. Lets in a
 * credential of the right kind and scope, and puts whom it stands for into the request. It does so before the body is read; when
 * Nest comes to it, it has decided.
 */
@Injectable()
export class TenantGuard extends AuthGuard() implements CanActivate, EarlyGuard {
  readonly #logger = new Logger(TenantGuard.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly knownKeys: ApiKeyAuthenticator,
    private readonly knownConnections: AgentConnectionAuthenticator,
    agentConnections: AgentConnectionStrategy,
    apiKeys: ApiKeyStrategy,
    dashboardJwts: DashboardJwtStrategy,
    adminKey: AdminKeyStrategy,
    earlyGuards: EarlyGuards,
  ) {
    super({
      defaultStrategy: [apiKeys, agentConnections, dashboardJwts, adminKey].map(
        ({ registeredAs }) => registeredAs,
      ),
    });
    earlyGuards.register(this);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!context.switchToHttp().getRequest<GuardedRequest>().admitted) await this.admit(context);
    return true;
  }

  async admit(context: ExecutionContext): Promise<Admission> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return { kind: 'open' };
    if (access?.kind === 'connection') return { kind: 'not mine' };
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    if (access === undefined) {
      const handler = `${context.getClass().name}.${context.getHandler().name}`;
      this.#logger.error(
        { handler, method: request.method },
        'A route does not say who may use it, so nobody may',
      );
      throw new DomainError('insufficient_scope', 'This route is not open to anybody.');
    }
    const known = this.#recall(request.headers.authorization);
    if (known === null) await super.canActivate(context);
    else request.user = known;
    const refusal = refusalOf(access, request.user);
    if (refusal !== null) {
      challenge(context, 'insufficient_scope');
      throw new DomainError('insufficient_scope', refusal);
    }
    const { user } = request;
    if (user !== undefined && user !== ADMINISTRATOR) requestContext.set({ tenantId: user.tenant });
    return { kind: 'admitted', principal: principalName(user) };
  }

  /**
   * Whose key or connection this is, where it was verified seconds ago. Passport is asked about all other credentials: what it sets up for
   * each request costs more than finding the free times does.
   */
  #recall(authorization: string | undefined): Principal | null {
    const [, credential] = PRESENTED.exec(authorization ?? '') ?? [];
    if (credential === undefined) return null;
    return this.knownKeys.recall(credential) ?? this.knownConnections.recall(credential);
  }

  /** Called by passport when the strategies are done. */
  override handleRequest<User = Principal>(
    error: unknown,
    user: User | false,
    _info: unknown,
    context: ExecutionContext,
  ): User {
    if (error) throw error instanceof Error ? error : new Error('Authentication failed', { cause: error });
    if (user) return user;
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const presented = headers.authorization !== undefined;
    challenge(context, presented ? 'invalid_token' : undefined);
    throw new DomainError(
      'unauthenticated',
      presented
        ? 'The credential in the Authorization header is not a valid one.'
        : 'Send a credential in the header "Authorization: Bearer <key>".',
    );
  }
}

/** The same for all requests of one credential; the users of a tenant's dashboard are counted each. */
function principalName(user: Principal | undefined): string {
  if (user === undefined || user === ADMINISTRATOR) return 'administrator';
  const { tenant, credential } = user;
  return credential.kind === 'dashboard-jwt'
    ? `dashboard ${tenant} ${credential.subject ?? ''}`
    : `${credential.kind} ${credential.id}`;
}

/** Why `principal` may not use a route with this access; null when it may. */
function refusalOf(
  access: Exclude<Access, { kind: 'public' | 'connection' }>,
  principal: Principal | undefined,
): string | null {
  if (access.kind === 'admin') return principal === ADMINISTRATOR ? null : 'Only the admin key may do this.';
  if (principal === undefined || principal === ADMINISTRATOR) {
    return 'The admin key stands for no tenant. Use a key of the tenant.';
  }
  if (principal.credential.kind === 'agent-connection' && !access.connections) {
    return 'An agent connection may use the agent tools, and nothing else.';
  }
  if (access.scopes.some((scope) => principal.scopes.includes(scope))) return null;
  return `This needs a credential with the scope ${access.scopes.map((scope) => `"${scope}"`).join(' or ')}.`;
}

/** RFC 6750, section 3: what kind of credential is asked for, and what was wrong with the one presented. */
function challenge(context: ExecutionContext, error?: 'invalid_token' | 'insufficient_scope'): void {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  void reply.header('www-authenticate', error === undefined ? CHALLENGE : `${CHALLENGE}, error="${error}"`);
}
