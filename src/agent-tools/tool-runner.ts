import { Injectable, Logger } from '@nestjs/common';
import type { Author } from '../booking/author.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Settings } from '../platform/config/settings.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { TenantService } from '../tenant/tenant.service.js';
import { type AgentScope, EVERYTHING } from './agent-scope.js';
import { type Conversation, conversation, presentTime } from './conversation.js';
import { readArguments, readCallId } from './tool-arguments.js';
import { ToolRefusal, type ToolRefusalCode, type ToolRefusalDetails } from './tool-refusal.js';
import { ToolRegistry } from './tool-registry.js';
import { UNKNOWN_CALL, type VoiceCall } from './voice-call.js';

/** What every call of a tool is answered with, whatever happened. */
export type ToolAnswer =
  | { ok: true; say: string; [field: string]: unknown }
  | ({ ok: false; code: ToolRefusalCode; say: string; [field: string]: unknown } & ToolRefusalDetails);

/** A call of a tool, by whichever way it came. */
export interface ToolRequest {
  tool: string;
  /** The arguments, in any of the forms that `readArguments` takes. */
  body: unknown;
  /** The conversation, as far as the platform reports it. */
  voiceCall?: VoiceCall;
  /** Default: everything of the tenant. */
  scope?: AgentScope;
  /** Default: that of the tenant. */
  locale?: string;
}

/** Runs tools so that the caller always hears a sentence: nothing that a tool throws gets past it. */
@Injectable()
export class ToolRunner {
  readonly #logger = new Logger(ToolRunner.name);

  constructor(
    private readonly registry: ToolRegistry,
    private readonly tenants: TenantService,
    private readonly settings: Settings,
  ) {}

  async run(tenant: TenantId, caller: Author, request: ToolRequest): Promise<ToolAnswer> {
    const { tool: toolName, body, voiceCall = UNKNOWN_CALL, scope = EVERYTHING } = request;
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    let context: Conversation | undefined;
    try {
      const { locale, timezone } = await this.tenants.recent(tenant);
      context = conversation(request.locale ?? locale, timezone, Date.now());
      const tool = this.registry.find(toolName);
      if (tool === undefined) throw new ToolRefusal('unknown_tool', context.say.unknownTool());
      const given = readArguments(tool.specification.parameters, body, context.say);
      const callId = voiceCall.id ?? readCallId(body);
      const result = await tool.handle({
        tenant,
        author: { ...caller, source: 'agent', callId },
        arguments: given,
        conversation: context,
        voiceCall: { ...voiceCall, id: callId },
        scope,
        deadline,
      });
      return { ok: true, ...result, ...presentTime(context) };
    } catch (error) {
      const { code, say, details } = this.#refusalOf(error, toolName, context);
      return { ok: false, code, say, ...details, ...(context === undefined ? {} : presentTime(context)) };
    }
  }

  #refusalOf(
    error: unknown,
    toolName: string,
    context = conversation('en-US', 'UTC', Date.now()),
  ): ToolRefusal {
    if (error instanceof ToolRefusal) return error;
    if (error instanceof DomainError && error.code === 'calendar_unreadable') {
      return new ToolRefusal('calendar_unreadable', context.say.calendarUnreadable());
    }
    // What was named was looked up, so the organisation has no service at all.
    if (error instanceof DomainError && error.code === 'not_found') {
      return new ToolRefusal('unknown_service', context.say.nothingToBook());
    }
    this.#logger.error({ error, tool: toolName.slice(0, 64) }, 'A tool failed unexpectedly');
    return new ToolRefusal('unavailable', context.say.failed());
  }
}
