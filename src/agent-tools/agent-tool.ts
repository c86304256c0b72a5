import type { Asker } from '../booking/asker.js';
import type { Author } from '../booking/author.js';
import type { Seeker } from '../booking/availability/availability.repository.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import type { Deadline } from '../platform/deadline.js';
import type { Conversation } from './conversation.js';
import type { AgentScope } from './agent-scope.js';
import type { ToolArguments } from './tool-arguments.js';
import type { ToolParameters } from './tool-parameters.js';
import type { VoiceCall } from './call/voice-call.js';

/** What models and platforms are told of a tool. */
export interface ToolSpecification {
  /** `^[a-z][a-z0-9_]{2,39}$`: valid on every platform. */
  readonly name: string;
  /** For the model: what the tool does, when to use it, what to do with the answer. */
  readonly description: string;
  readonly parameters: ToolParameters;
  /** Has no effect, so it may be called at any time and repeated. */
  readonly readOnly: boolean;
  /** Takes something away that was there: a booking, its time. */
  readonly destructive: boolean;
  /** What it answers, for the documentation. */
  readonly exampleAnswer: object;
}

export interface ToolCall {
  readonly tenant: TenantId;
  /** Whose credential and conversation this is, for the audit trail. */
  readonly author: Author;
  readonly arguments: ToolArguments;
  readonly conversation: Conversation;
  /** The conversation as the voice platform reports it. */
  readonly voiceCall: VoiceCall;
  /** What the credential may offer and touch. */
  readonly scope: AgentScope;
  /** For whom times are looked for, in the booking's terms: goes with every query, hold, booking and move. */
  readonly seeker: Seeker;
  /** Whom limits count this call for. */
  readonly asker: Asker;
  /** Until when the caller can wait for the connected calendar: one for all that the tool does. */
  readonly deadline: Deadline;
}

/**
 * A tool did what it was asked to: the sentence for the caller and, beside it, what the agent needs to go on.
 */
export interface ToolResult {
  readonly say: string;
  readonly [field: string]: unknown;
}

/** Something that a voice agent can do for a caller. One file each, listed in `tools.ts`. */
export abstract class AgentTool {
  abstract readonly specification: ToolSpecification;

  /** @throws ToolRefusal for any other outcome; whatever else is thrown becomes an apology */
  abstract handle(call: ToolCall): Promise<ToolResult>;
}
