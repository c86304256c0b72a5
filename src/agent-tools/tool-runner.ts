import { Injectable, Logger } from '@nestjs/common';
import { askerOf } from '../booking/asker.js';
import type { Author } from '../booking/author.js';
import type { Seeker } from '../booking/availability/availability.repository.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Settings } from '../platform/config/settings.js';
import { Deadline } from '../platform/deadline.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { TenantService } from '../tenant/tenant.service.js';
import { type AgentScope, EVERYTHING } from './agent-scope.js';
import { FirstAnswers } from './first-answers.js';
import { callKey } from './call/call-key.js';
import { Bookables } from './asked/bookables.js';
import { callerNumber } from './call/caller-number.js';
import { callerZones } from './call/caller-zones.js';
import { type Conversation, conversation, presentTime } from './conversation.js';
import type { Sentences } from './language/sentences.js';
import { readArguments, saidCallId } from './tool-arguments.js';
import { ToolRefusal, type ToolRefusalCode, type ToolRefusalDetails } from './tool-refusal.js';
import { ToolRegistry } from './tool-registry.js';
import type { ReportedCall } from './call/reported-call.js';
import { UNKNOWN_CALL, type VoiceCall } from './call/voice-call.js';
import { clock } from '../platform/time/clock.js';

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
  voiceCall?: ReportedCall;
  /** The platform's id of this call of the tool; null where it has none. */
  toolCallId?: string | null;
  /** Default: everything of the tenant. */
  scope?: AgentScope;
  /** Default: that of the tenant. */
  locale?: string;
}

/** Two seconds is what is promised, and platforms give up after 2.5 at the earliest: something is left for a busy machine. */
const LONGEST_ANSWER_MS = 1_800;
/** Of which the connected calendar may take so much. */
const LONGEST_CALENDAR_MS = 1_400;

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
    private readonly bookables: Bookables,
    private readonly firstAnswers: FirstAnswers,
    private readonly settings: Settings,
  ) {}

  /** Answers within two seconds, whatever happens: what takes longer goes on by itself, and asking again is safe. */
  async run(tenant: TenantId, caller: Author, request: ToolRequest): Promise<ToolAnswer> {
    const progress: Progress = {};
    const work = this.#answer(tenant, caller, request, progress);
    const answer = await Deadline.in(LONGEST_ANSWER_MS).race(work);
    if (answer !== undefined) return answer;
    this.#logger.warn({ tool: request.tool.slice(0, 64), tenant }, 'A tool takes too long for its caller');
    return this.#refused(tenant, request, progress, (say) => new ToolRefusal('unavailable', say.failed()));
  }

  /** Never throws. */
  async #answer(
    tenant: TenantId,
    caller: Author,
    request: ToolRequest,
    progress: Progress,
  ): Promise<ToolAnswer> {
    const { body, scope = EVERYTHING } = request;
    const reported: ReportedCall = request.voiceCall ?? UNKNOWN_CALL;
    const deadline = Deadline.in(Math.min(this.settings.calendarBudgetMs, LONGEST_CALENDAR_MS));
    try {
      const known = await this.tenants.recent(tenant);
      const voiceCall: VoiceCall = {
        id: reported.id,
        caller: callerNumber(reported.caller, known),
        dialled: callerNumber(reported.dialled, known),
      };
      const locale = request.locale ?? known.locale;
      const now = clock.now();
      const zones = callerZones(undefined, voiceCall.caller);
      const { say } = (progress.context = conversation(locale, known.timezone, now, zones));
      if (reported.repeated !== undefined && reported.repeated.length > 0) {
        throw this.#ambiguous(tenant, request, reported.repeated, say);
      }
      const tool = this.registry.find(request.tool);
      if (tool === undefined) throw new ToolRefusal('unknown_tool', say.unknownTool());
      const given = readArguments(tool.specification.parameters, body, say);
      const saidZones = callerZones(given['caller_timezone'], voiceCall.caller);
      const context = (progress.context = conversation(locale, known.timezone, now, saidZones));
      const author: Author = {
        ...caller,
        source: 'agent',
        callId: voiceCall.id,
        saidCallId: saidCallId(body),
      };
      const call = {
        tenant,
        author,
        arguments: given,
        conversation: context,
        voiceCall,
        scope,
        seeker: seekerOf(scope, callKey(author, voiceCall)),
        asker: askerOf(tenant, author, voiceCall),
        deadline,
      };
      const run = async () => tool.handle(await this.bookables.narrowed(call));
      const { name, readOnly } = tool.specification;
      const identified = { ...call, tool: name, toolCallId: request.toolCallId ?? null };
      const result = await (readOnly ? run() : this.firstAnswers.once(identified, run));
      return { ok: true, ...result, ...presentTime(context) };
    } catch (error) {
      return this.#refused(tenant, request, progress, (say) => this.#refusalOf(error, request.tool, say));
    }
  }

  /** In the language of the conversation or, where it did not come to that, of the organisation as far as it is known. */
  #refused(
    tenant: TenantId,
    { locale }: ToolRequest,
    { context }: Progress,
    refusal: (say: Sentences) => ToolRefusal,
  ): ToolAnswer {
    const now = clock.now();
    const seen = this.tenants.lastSeen(tenant);
    const known = context ?? (seen && conversation(locale ?? seen.locale, seen.timezone, now));
    const { code, say, details } = refusal((known ?? conversation(locale ?? 'en-US', 'UTC', now)).say);
    return { ok: false, code, say, ...details, ...(known === undefined ? {} : presentTime(known)) };
  }

  /** One of two that tell of the same may come from a caller's words, and nobody can say which. */
  #ambiguous(
    tenant: TenantId,
    { tool }: ToolRequest,
    fields: readonly string[],
    say: Sentences,
  ): ToolRefusal {
    this.#logger.warn(
      { tenant, tool: tool.slice(0, 64), fields },
      'Refused a tool call that gives the same field twice',
    );
    return new ToolRefusal('ambiguous_request', say.failed(), { fields });
  }

  #refusalOf(error: unknown, toolName: string, say: Sentences): ToolRefusal {
    if (error instanceof ToolRefusal) return error;
    if (error instanceof DomainError && error.code === 'calendar_unreadable') {
      return new ToolRefusal('calendar_unreadable', say.calendarUnreadable());
    }
    // What was named was looked up, so the organisation has no service at all.
    if (error instanceof DomainError && error.code === 'not_found') {
      return new ToolRefusal('unknown_service', say.nothingToBook());
    }
    this.#logger.error({ error, tool: toolName.slice(0, 64) }, 'A tool failed unexpectedly');
    return new ToolRefusal('unavailable', say.failed());
  }
}

function seekerOf({ resourceIds }: AgentScope, heldFor: string | undefined): Seeker {
  return {
    ...(resourceIds.length === 0 ? {} : { withinResourceIds: resourceIds }),
    ...(heldFor === undefined ? {} : { heldFor }),
  };
}
