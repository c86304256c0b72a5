/**
 * What the voice platform itself reports of the conversation that a tool is called in. Never what a model says: a caller can
 * have the model say anything, and what it says of the call is a note in the audit trail (`saidCallId`) and nothing else.
 */
export interface VoiceCall {
  /** The platform's own id of the conversation; null where the platform reported none. */
  readonly id: string | null;
  /** The number that calls, E.164; null where it is withheld or there is none, as on the web. */
  readonly caller: string | null;
  /** The number that was called, E.164. */
  readonly dialled: string | null;
}

/** A conversation of which nothing is known. */
export const UNKNOWN_CALL: VoiceCall = { id: null, caller: null, dialled: null };
