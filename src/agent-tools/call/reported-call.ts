import type { IncomingHttpHeaders } from 'node:http';
import { isUnfilled } from './unfilled-template.js';
import type { VoiceCall } from './voice-call.js';

/** A call as a platform writes it: `ToolRunner` makes numbers of the texts. */
export type ReportedCall = { readonly [field in keyof VoiceCall]: string | null };

/** As long as any platform's id of a call, longer than any number. */
const LONGEST = 200;

/** The first of these that says something, without characters that cannot be stored; null where none does. */
export function reported(...values: readonly unknown[]): string | null {
  const [text] = values
    .filter((value) => typeof value === 'string')
    .map((value) => value.replace(/\p{Cc}/gu, ' ').trim())
    .filter((value) => value !== '' && !isUnfilled(value));
  return text?.slice(0, LONGEST).toWellFormed() ?? null;
}

/**
 * What headers say that a tool was set up to send: `X-Call-Id`, `X-Caller-Number`, `X-Called-Number`. A model cannot fill
 * them in. One that came twice says nothing.
 */
export function callInHeaders({ headers }: { readonly headers: IncomingHttpHeaders }): ReportedCall {
  return {
    id: reported(headers['x-call-id']),
    caller: reported(headers['x-caller-number']),
    dialled: reported(headers['x-called-number']),
  };
}

/** Each field from the first of these that has it. */
export function firstReported(...calls: readonly ReportedCall[]): ReportedCall {
  return {
    id: reported(...calls.map(({ id }) => id)),
    caller: reported(...calls.map(({ caller }) => caller)),
    dialled: reported(...calls.map(({ dialled }) => dialled)),
  };
}
