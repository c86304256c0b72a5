import { Injectable, Logger } from '@nestjs/common';
import type { Author } from '../booking/author.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Settings } from '../platform/config/settings.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { TenantService } from '../tenant/tenant.service.js';
import { type AgentScope, EVERYTHING } from './agent-scope.js';
import { callKey } from './call-key.js';
import { callerNumber } from './caller-number.js';
import { callerZones } from './caller-zones.js';
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
  /** The conversation, as far as the platform reports it: numbers as they come. */
  voiceCall?: VoiceCall;
  /** Default: everything of the tenant. */
  scope?: AgentScope;
  /** Default: that of the tenant. */
  locale?: string;
}

/** Platforms give up on a tool after 2.5 seconds at the earliest; half a second is for the way. */
const LONGEST_ANSWER_MS = 1_900;
/** Of which the connected calendar may take so much. */
const LONGEST_CALENDAR_MS = 1_500;

/** How far an answer has come. */
interface Progress {
  context?: Conversation;
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

  /** Answers within two seconds, whatever happens: what takes longer goes on by itself, and asking again is safe. */
  async run(tenant: TenantId, caller: Author, request: ToolRequest): Promise<ToolAnswer> {
    const progress: Progress = {};
    const work = this.#answer(tenant, caller, request, progress);
    const answer = await Deadline.in(LONGEST_ANSWER_MS).race(work);
    if (answer !== undefined) return answer;
    this.#logger.warn({ tool: request.tool.slice(0, 64), tenant }, 'A tool takes too long for its caller');
    return refused(progress.context, failure(progress.context));
  }

  async #answer(
    tenant: TenantId,
    caller: Author,
    request: ToolRequest,
    progress: Progress,
  ): Promise<ToolAnswer> {
    const { tool: toolName, body, voiceCall: reported = UNKNOWN_CALL, scope = EVERYTHING } = request;
    const deadline = Deadline.in(Math.min(this.settings.calendarBudgetMs, LONGEST_CALENDAR_MS));
    try {
      const { locale, timezone } = await this.tenants.recent(tenant);
      const now = Date.now();
      const voiceCall = {
        id: reported.id ?? readCallId(body),
        caller: callerNumber(reported.caller, { timezone, locale }),
        dialled: callerNumber(reported.dialled, { timezone, locale }),
      };
      const spoken = request.locale ?? locale;
      const spokenTo = (zones: readonly string[]) =>
        (progress.context = conversation(spoken, timezone, now, zones));
      const { say } = spokenTo(callerZones(undefined, voiceCall.caller));
      const tool = this.registry.find(toolName);
      if (tool === undefined) throw new ToolRefusal('unknown_tool', say.unknownTool());
      const given = readArguments(tool.specification.parameters, body, say);
      const author: Author = { ...caller, source: 'agent', callId: voiceCall.id };
      const { resourceIds } = scope;
      const result = await tool.handle({
        tenant,
        author,
        arguments: given,
        conversation: spokenTo(callerZones(given['caller_timezone'], voiceCall.caller)),
        voiceCall,
        scope,
        seeker: {
          ...(resourceIds.length === 0 ? {} : { withinResourceIds: resourceIds }),
          ...heldFor(callKey(author, voiceCall)),
        },
        deadline,
      });
      return { ok: true, ...result, ...presentTime(progress.context ?? spokenTo([])) };
    } catch (error) {
      return refused(progress.context, this.#refusalOf(error, toolName, progress.context));
    }
  }

  #refusalOf(error: unknown, toolName: string, context: Conversation | undefined): ToolRefusal {
    if (error instanceof ToolRefusal) return error;
    const { say } = context ?? UNKNOWN_CONVERSATION();
    if (error instanceof DomainError && error.code === 'calendar_unreadable') {
      return new ToolRefusal('calendar_unreadable', say.calendarUnreadable());
    }
    // What was named was looked up, so the organisation has no service at all.
    if (error instanceof DomainError && error.code === 'not_found') {
      return new ToolRefusal('unknown_service', say.nothingToBook());
    }
    this.#logger.error({ error, tool: toolName.slice(0, 64) }, 'A tool failed unexpectedly');
    return failure(context);
  }
}

/** While the organisation's own language is not known. */
const UNKNOWN_CONVERSATION = () => conversation('en-US', 'UTC', Date.now());

function failure(context = UNKNOWN_CONVERSATION()): ToolRefusal {
  return new ToolRefusal('unavailable', context.say.failed());
}

function refused(context: Conversation | undefined, { code, say, details }: ToolRefusal): ToolAnswer {
  return { ok: false, code, say, ...details, ...(context === undefined ? {} : presentTime(context)) };
}

function heldFor(key: string | undefined): { heldFor?: string } {
  return key === undefined ? {} : { heldFor: key };
}
