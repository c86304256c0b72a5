import type { IncomingHttpHeaders } from 'node:http';
import type { ToolSpecification } from '../agent-tool.js';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolAnswer } from '../tool-runner.js';
import type { ReportedCall } from '../call/reported-call.js';

/** A request that a voice platform made to the address of a connection, as it came. */
export interface PlatformRequest {
  readonly method: string;
  /** The whole address, as the platform has it: some sign it. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** What follows the connection in the path: the name of a tool or of a webhook; empty where nothing does. */
  readonly action: string;
  /** What follows that, for platforms that put arguments into the path. */
  readonly path?: readonly string[];
  /** The bytes that were sent: what signatures are over. */
  readonly rawBody: Buffer;
  /** The body as JSON, as text where it is none; undefined where there is none. */
  readonly body: unknown;
  /** Names that occur twice in one object of the body. */
  readonly repeatedMembers?: readonly string[];
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** A tool that the platform wants run. */
export interface PlatformToolCall {
  /** The platform's id of this call of the tool; null where it has none. */
  readonly id: string | null;
  readonly tool: string;
  /** In any of the forms that `readArguments` takes. */
  readonly arguments: unknown;
}

/** What a request is about. */
export type PlatformEvent =
  /** The model calls tools; each is run once. */
  | { kind: 'tools'; calls: readonly PlatformToolCall[]; voiceCall: ReportedCall }
  /** A call begins, and the platform asks what its agent should know. */
  | { kind: 'call_started'; voiceCall: ReportedCall }
  /** A call is over. */
  | { kind: 'call_ended'; voiceCall: ReportedCall }
  /** Anything else that the platform tells: acknowledged. */
  | { kind: 'notice' };

/** What a tool answered. */
export interface AnsweredToolCall extends PlatformToolCall {
  readonly answer: ToolAnswer;
}

/** What an agent should know when a call begins: all texts, as platforms' dynamic variables are. */
export type CallVariables = Readonly<Record<string, string>>;

/** Where tools are called, and with what, for ready-made definitions. */
export interface DefinitionTarget {
  /** The connection's address. */
  readonly url: string;
  /** Stands where the secret belongs: it is shown only once, when it is made. */
  readonly secret: string;
}

/** Stands for a connection's secret. */
export const SECRET_PLACEHOLDER = '<secret>';

/** How a platform's connection is authenticated, for those who set it up. */
export interface PlatformCredential {
  /**
   * `ours`: we make the secret, unless one is given, and the platform sends it. `theirs`: the platform has it already and signs
   * with it, so it is given to us; where it is not known yet, one is made and replaced later (rotate).
   */
  readonly secretFrom: 'ours' | 'theirs';
  /** What to give as `secret`: "the API key of the Retell workspace". */
  readonly secretIs: string;
  /** What to give as `webhookSecret`, where webhooks are signed with another one. */
  readonly webhookSecretIs?: string;
  /** What is wrong with a secret that was given; null when it can be one. */
  problemWith?(secret: string): string | null;
  /** Whether a connection cannot be made without being given the secret. */
  readonly required?: boolean;
}

/** Addresses of a connection beside the one for tools, by what they are for. */
export type PlatformWebhooks = Readonly<Record<string, string>>;

/**
 * One voice platform: how it authenticates, how it calls tools and what it wants to hear. Thin on purpose: what tools do and
 * say is the same on every platform. Another platform is another file here, a line in `platforms.ts`, and its tests.
 */
export abstract class VoicePlatform {
  /** As in addresses and `POST /api/agent-connections`. */
  abstract readonly name: string;
  /** As its makers write it. */
  abstract readonly title: string;
  abstract readonly credential: PlatformCredential;
  /**
   * In which header it signs its bodies; null where it signs none. What has no such header and no secret is refused before its
   * body is read.
   */
  readonly signatureHeader: string | null = null;
  /** Paths below a connection's address for webhooks other than tool calls, by what they are for. */
  readonly webhooks: PlatformWebhooks = {};

  /** Where the platform finds a connection. */
  address(publicUrl: string, connectionId: string): string {
    return `${publicUrl}/api/voice/${this.name}/${connectionId}`;
  }

  /** Whether the request is from whoever has a secret of the connection. In constant time; within the signature's window. */
  abstract isAuthentic(request: PlatformRequest, secrets: ConnectionSecrets): boolean;

  /** What the request wants; total: whatever it holds, this answers. */
  abstract read(request: PlatformRequest): PlatformEvent;

  /** The body of the answer to tool calls, in their order; never an empty one. `request`: what they came in. */
  abstract render(answered: readonly AnsweredToolCall[], request: PlatformRequest): object;

  /** The body of the answer where a call begins. */
  renderCallStart(variables: CallVariables): object {
    return { dynamic_variables: variables };
  }

  /** The headers that prove who calls a tool; none where the platform signs instead. */
  headersWith(secret: string): Record<string, string> {
    return this.credential.secretFrom === 'ours' ? { Authorization: `Bearer ${secret}` } : {};
  }

  /** The formats of definitions that there are for this platform; the first is its own. */
  get formats(): readonly string[] {
    return [this.name];
  }

  /** Where tools are called, and with what, as long as there is no connection. */
  targetWithoutConnection(publicUrl: string): DefinitionTarget {
    return { url: this.address(publicUrl, '<connection id>'), secret: SECRET_PLACEHOLDER };
  }

  /**
   * The tools as this platform's API or form takes them.
   * @param format one of `formats`
   */
  abstract define(tools: readonly ToolSpecification[], target: DefinitionTarget, format: string): object[];
}
