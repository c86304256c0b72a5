import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../platform/config/settings.js';
import { parseJson } from '../platform/http/json-body.js';
import { SpokenFailures, unreadBody } from '../platform/http/spoken-failures.js';
import { clock } from '../platform/time/clock.js';
import { AgentConnectionAuthenticator, connectionCaller } from '../tenant/agent-connection-authenticator.js';
import { ApiKeyAuthenticator } from '../tenant/api-key-authenticator.js';
import { ADMINISTRATOR, type Caller, type Principal } from '../tenant/caller.js';
import { KnownConnections } from '../tenant/known-connections.js';
import { TenantService } from '../tenant/tenant.service.js';
import { conversation, presentTime } from './conversation.js';
import { McpEndpoint } from './mcp/mcp-endpoint.js';
import { sendWebResponse, webRequest } from './mcp/web-exchange.js';
import { platformRequest, type VoiceRequest } from './platforms/platform-request.js';
import { platformNamed } from './platforms/platforms.js';
import { apologyInFormOf } from './platforms/platform-apology.js';
import type { ToolAnswer } from './tool-runner.js';

type AgentRequest = FastifyRequest & { user?: Principal; rawBody?: Buffer };

/**
 * What agents are answered where the service cannot answer: a sentence for the caller, in the form of the way they came in.
 * It goes to everybody, also to those who could not be authenticated, so it tells nothing: the organisation's language and
 * time are for credentials alone that were verified lately.
 */
@Injectable()
export class Apologies implements OnModuleInit {
  constructor(
    private readonly spoken: SpokenFailures,
    private readonly keys: ApiKeyAuthenticator,
    private readonly agentConnections: AgentConnectionAuthenticator,
    private readonly connections: KnownConnections,
    private readonly tenants: TenantService,
    private readonly mcp: McpEndpoint,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.spoken.register({ method: 'POST', prefix: '/api/agent-tools/:tool' }, (request, reply) =>
      send(reply, this.#apology(this.#byBearer(request))),
    );
    this.spoken.register({ method: 'POST', prefix: '/mcp' }, async (request, reply) => {
      const { parsed } = await bodyOf(request);
      const response = await this.mcp.apologize(
        this.#apology(this.#byBearer(request)),
        webRequest(request),
        parsed,
      );
      await sendWebResponse(response, reply);
      return true;
    });
    this.spoken.register({ prefix: '/api/voice/:platform/:connectionId' }, (request, reply) =>
      this.#ofPlatform(request as VoiceRequest, reply),
    );
  }

  async #ofPlatform(http: VoiceRequest, reply: FastifyReply): Promise<boolean> {
    const platform = platformNamed(http.params.platform);
    if (platform === undefined || http.method === 'HEAD') return false;
    const { raw, parsed } = await bodyOf(http);
    const request = { ...platformRequest(http, this.settings.publicUrl), rawBody: raw, body: parsed };
    const connection = this.connections.lastKnown(http.params.connectionId.toLowerCase());
    const isTheirs = connection?.platform === platform.name && platform.isAuthentic(request, connection);
    const answer = this.#apology(isTheirs ? connectionCaller(connection) : undefined);
    return send(reply, apologyInFormOf(platform, request, answer));
  }

  #byBearer(request: AgentRequest): Caller | undefined {
    if (request.user !== undefined && request.user !== ADMINISTRATOR) return request.user;
    const [, credential] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (credential === undefined) return undefined;
    return this.keys.lastKnown(credential) ?? this.agentConnections.lastKnown(credential) ?? undefined;
  }

  #apology(caller: Caller | undefined): ToolAnswer {
    const ownLocale = caller?.credential.kind === 'agent-connection' ? caller.credential.locale : null;
    const tenant = caller === undefined ? undefined : this.tenants.lastSeen(caller.tenant);
    const locale = ownLocale ?? tenant?.locale ?? 'en-US';
    const present = conversation(locale, tenant?.timezone ?? 'UTC', clock.now());
    return {
      ok: false,
      code: 'unavailable',
      say: present.say.failed(),
      ...(tenant === undefined ? {} : presentTime(present)),
    };
  }
}

function send(reply: FastifyReply, body: object): Promise<boolean> {
  void reply
    .status(200)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
  return Promise.resolve(true);
}

/** As far as it can be read: where it cannot, the answer goes without what it would have told. */
async function bodyOf(request: AgentRequest): Promise<{ raw: Buffer; parsed: unknown }> {
  if (request.body !== undefined) {
    return { raw: request.rawBody ?? Buffer.alloc(0), parsed: request.body };
  }
  const raw = (await unreadBody(request)) ?? Buffer.alloc(0);
  return { raw, parsed: parseJson(raw.toString()) };
}
