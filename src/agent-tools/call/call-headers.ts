import type { IncomingHttpHeaders } from 'node:http';
import { toE164 } from '../../booking/phone.js';
import { isUnfilled } from './unfilled-template.js';
import type { VoiceCall } from './voice-call.js';

/** As long as any platform's id of a conversation, longer than any number. */
const LONGEST = 200;

/**
 * What a voice platform says of the conversation in headers that it was configured to send: `X-Call-Id`, `X-Caller-Number`,
 * `X-Called-Number`. A number that is not international (a withheld one, an extension) counts as none, since nobody can say
 * whose it is.
 */
export function voiceCallFrom(headers: IncomingHttpHeaders): VoiceCall {
  return {
    id: textOf(headers['x-call-id']) ?? null,
    caller: numberOf(headers['x-caller-number']),
    dialled: numberOf(headers['x-called-number']),
  };
}

function numberOf(header: string | string[] | undefined): string | null {
  const number = /^(?:sips?:|tel:)?(\+[\d\s().-]+)(?:[@;].*)?$/i.exec(textOf(header) ?? '')?.[1];
  return number === undefined ? null : (toE164(number) ?? null);
}

/** Undefined for what says nothing. */
function textOf(header: string | string[] | undefined): string | undefined {
  // Node joins a header that comes twice; only some come as a list.
  if (typeof header !== 'string') return undefined;
  const text = header
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, LONGEST);
  return text === '' || isUnfilled(text) ? undefined : text;
}
