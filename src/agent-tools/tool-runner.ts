import { Injectable, Logger } from '@nestjs/common';
import type { Author } from '../booking/author.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Settings } from '../platform/config/settings.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { TenantService } from '../tenant/tenant.service.js';
import { type Conversation, conversation, presentTime } from './conversation.js';
import { readArguments, readCallId } from './tool-arguments.js';
import { ToolRefusal, type ToolRefusalCode, type ToolRefusalDetails } from './tool-refusal.js';
import { ToolRegistry } from './tool-registry.js';

/** What every call of a tool is answered with, whatever happened. */
export type ToolAnswer =
  | { ok: true; say: string; [field: string]: unknown }
  | ({ ok: false; code: ToolRefusalCode; say: string; [field: string]: unknown } & ToolRefusalDetails);

/** Runs tools so that the caller always hears a sentence: nothing that a tool throws gets past it. */
@Injectable()
export class ToolRunner {
  readonly #logger = new Logger(ToolRunner.name);

  constructor(
    private readonly registry: ToolRegistry,
    private readonly tenants: TenantService,
    private readonly settings: Settings,
  ) {}

  /** @param body the arguments, in any of the forms that `readArguments` takes */
  async run(tenant: TenantId, caller: Author, toolName: string, body: unknown): Promise<ToolAnswer> {
    const deadline = Deadline.in(this.settings.calendarBudgetMs);
    let context: Conversation | undefined;
    try {
      const { locale, timezone } = await this.tenants.recent(tenant);
      context = conversation(locale, timezone, Date.now());
      const tool = this.registry.find(toolName);
      if (tool === undefined) throw new ToolRefusal('unknown_tool', context.say.unknownTool());
      const given = readArguments(tool.specification.parameters, body, context.say);
      const author: Author = { ...caller, source: 'agent', callId: readCallId(body) };
      const result = await tool.handle({ tenant, author, arguments: given, conversation: context, deadline });
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
