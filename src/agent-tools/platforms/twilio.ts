import { createHash, timingSafeEqual } from 'node:crypto';
import type { ConnectionSecrets } from '../../tenant/agent-connection.js';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import { header, isHmac } from './authenticity.js';
import { directAnswer, directCall } from './direct-call.js';
import { objectOf } from './json.js';
import { type CallFields, callReported, type CallSources } from '../call/reported-call.js';
import {
  type AnsweredToolCall,
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  type PlatformRequest,
  VoicePlatform,
} from './voice-platform.js';

const CALL_EVENTS = 'call';

/** Larger than any form of Twilio's. One has to be taken apart before its signature can be looked at. */
const LONGEST_FORM = 64 * 1024;

/** Whoever speaks with the agent is its caller, also where it was the agent that called. */
const INBOUND: CallFields = { id: ['CallSid'], caller: ['From'], dialled: ['To'] };
const OUTBOUND: CallFields = { ...INBOUND, caller: INBOUND.dialled, dialled: INBOUND.caller };

/**
 * Twilio. Requests of TwiML and Studio are forms or JSON at the address of a tool; signed, but without a time. Its signature
 * covers the address as Twilio has it.
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 */
export class Twilio extends VoicePlatform {
  readonly name = 'twilio';
  readonly title = 'Twilio';
  override readonly signatureHeader = 'x-twilio-signature';
  readonly credential: PlatformCredential = {
    secretFrom: 'theirs',
    secretIs: 'The auth token of the Twilio account, with which Twilio signs.',
    required: true,
  };
  override readonly webhooks = { 'call status': CALL_EVENTS };

  isAuthentic(request: PlatformRequest, { secrets }: ConnectionSecrets): boolean {
    if (isForm(request) && request.rawBody.length > LONGEST_FORM) return false;
    const signature = header(request, 'x-twilio-signature') ?? '';
    const fields = isForm(request) ? signedFields(request) : '';
    return (
      (isForm(request) || isBodyHashed(request)) &&
      // Webhook rules sign with SHA-256 and a key of their own, which is then the secret.
      addressesOf(request.url)
        .map((url) => isHmac(signature, ['sha1', 'sha256'], [url, fields], secrets))
        .includes(true)
    );
  }

  read(request: PlatformRequest): PlatformEvent {
    const body = isForm(request) ? Object.fromEntries(formOf(request)) : request.body;
    const call = directCall({ ...request, body });
    const fields = objectOf(call.arguments);
    const isOutbound = typeof fields['Direction'] === 'string' && fields['Direction'].startsWith('outbound');
    const voiceCall = callReported(signedPlaces(request), isOutbound ? OUTBOUND : INBOUND);
    if (request.action !== CALL_EVENTS) return { kind: 'tools', calls: [call], voiceCall };
    return fields['CallStatus'] === 'completed' ? { kind: 'call_ended', voiceCall } : { kind: 'notice' };
  }

  render(answered: readonly AnsweredToolCall[]): object {
    return directAnswer(answered);
  }

  /** Twilio has no API for tools: what to fill into a request widget, or into the server behind ConversationRelay. */
  define(tools: readonly ToolSpecification[], { url }: DefinitionTarget): object[] {
    return tools.map(({ name, description, parameters }) => ({
      name,
      description,
      method: 'POST',
      url: `${url}/${name}`,
      contentType: 'application/x-www-form-urlencoded',
      fields: {
        CallSid: '{{trigger.call.CallSid}}',
        From: '{{trigger.call.From}}',
        To: '{{trigger.call.To}}',
      },
      parameters: toolSchema(parameters),
    }));
  }
}

/** Headers are not signed, so they tell nothing. */
function signedPlaces(request: PlatformRequest): CallSources {
  return { headers: {}, query: request.query, body: isForm(request) ? formOf(request) : request.body };
}

function isForm(request: PlatformRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(header(request, 'content-type') ?? '');
}

function formOf({ rawBody }: PlatformRequest): URLSearchParams {
  return new URLSearchParams(rawBody.toString());
}

/** Names and values in the order of the names; of a name that comes twice, each value once and in order. */
function signedFields(request: PlatformRequest): string {
  const fields = Map.groupBy(formOf(request), ([name]) => name);
  return [...fields]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, given]) =>
      [...new Set(given.map(([, value]) => value))].sort().map((value) => name + value),
    )
    .join('');
}

/** A body that is no form is not signed itself: its hash is, in the address. */
function isBodyHashed({ rawBody, query }: PlatformRequest): boolean {
  const hashes = query.getAll('bodySHA256');
  if (hashes.length === 0) return rawBody.length === 0;
  const expected = createHash('sha256').update(rawBody).digest();
  const given = Buffer.from(hashes.length === 1 ? (hashes[0] ?? '') : '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Twilio signs some addresses with their port and some without, whatever was entered. */
function addressesOf(url: string): string[] {
  const [, scheme = '', host = '', port, rest = ''] = /^(https?):\/\/([^/:?]+)(:\d+)?(.*)$/is.exec(url) ?? [];
  const usual = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  return ['', port ?? usual].map((each) => `${scheme}://${host}${each}${rest}`);
}
