import type { IncomingHttpHeaders } from 'node:http';
import { isUnfilled } from './unfilled-template.js';
import { UNKNOWN_CALL, type VoiceCall } from './voice-call.js';

/** A call as a platform writes it: `ToolRunner` makes numbers of the texts. */
export type ReportedCall = { readonly [field in keyof VoiceCall]: string | null } & {
  /** Names under which a request told of its call twice. One of the two is not the platform's, so such a request is refused. */
  readonly repeated?: readonly string[];
};

/** By which names a platform's fields tell of a call; of several, the first that says something counts. */
export interface CallFields extends Readonly<Record<keyof VoiceCall, readonly string[]>> {
  /** Names of which one has to be there; without, the others may be what a model says. Default: any of them. */
  readonly marks?: readonly string[];
}

/** What of a request can tell of its call. */
export interface CallSources {
  /** As `distinctHeaders` gives them: Node joins what came twice. */
  readonly headers: IncomingHttpHeaders;
  readonly query?: URLSearchParams;
  /** As parsed from JSON, or a form. */
  readonly body?: unknown;
}

/** As long as any platform's id of a call, longer than any number. */
const LONGEST = 200;

/** The headers that tell of a call, for every platform that can send headers: a model cannot fill them in. */
export const CALL_HEADERS = {
  id: 'X-Call-Id',
  caller: 'X-Caller-Number',
  dialled: 'X-Called-Number',
} as const;

/** The id of one call of a tool, from programs that have no field for it. */
const TOOL_CALL_HEADER = 'x-tool-call-id';

/** As Node spells them. */
const IN_HEADERS: CallFields = {
  id: [CALL_HEADERS.id.toLowerCase()],
  caller: [CALL_HEADERS.caller.toLowerCase()],
  dialled: [CALL_HEADERS.dialled.toLowerCase()],
};

/** The first of these that says something, without characters that cannot be stored; null where none does. */
export function reported(...values: readonly unknown[]): string | null {
  const [text] = values
    .filter((value) => typeof value === 'string')
    .map((value) => value.replace(/\p{Cc}/gu, ' ').trim())
    .filter((value) => value !== '' && !isUnfilled(value));
  return text?.slice(0, LONGEST).toWellFormed() ?? null;
}

/** What the headers of a request say of its call. */
export function callInHeaders({ headers }: Pick<CallSources, 'headers'>): ReportedCall {
  return toldBy([headersPlace(headers)]);
}

/** What the headers say is the id of this call of a tool; null where they say none or two. */
export function toolCallInHeaders({ headers }: Pick<CallSources, 'headers'>): string | null {
  const { [TOOL_CALL_HEADER]: value } = headers;
  const [only, ...others] = [value ?? []].flat();
  return others.length > 0 ? null : reported(only);
}

/**
 * What a request says of its call: its headers or, where those are silent, its query, else its body. The first place that has
 * any of the fields, even an empty one, speaks alone: a number that is withheld, and therefore missing in a header, is not
 * taken from where a model writes. Templates that the platform did not fill in there are silent.
 * @param fields by which names query and body tell of it
 */
export function callReported(
  { headers, query = new URLSearchParams(), body }: CallSources,
  fields: CallFields,
): ReportedCall {
  const listed = (entries: URLSearchParams) => placeOf([...entries], fields, isNotAlone);
  const members = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const inBody =
    members instanceof URLSearchParams
      ? listed(members)
      : placeOf(Object.entries(members), fields, isContradicted);
  return toldBy([headersPlace(headers), listed(query), inBody]);
}

/** The call, unless something of it was told twice: of that, nothing is believed. */
export function unlessRepeated(call: ReportedCall, repeated: readonly string[] = []): ReportedCall {
  const all = [...new Set([...(call.repeated ?? []), ...repeated])];
  return all.length === 0 ? call : { ...UNKNOWN_CALL, repeated: all };
}

/** Each field from the first of these that has it. */
export function firstReported(...calls: readonly ReportedCall[]): ReportedCall {
  return unlessRepeated(
    {
      id: reported(...calls.map(({ id }) => id)),
      caller: reported(...calls.map(({ caller }) => caller)),
      dialled: reported(...calls.map(({ dialled }) => dialled)),
    },
    calls.flatMap(({ repeated = [] }) => repeated),
  );
}

type Entry = readonly [name: string, value: unknown];

/** Where a request can tell of its call. */
interface Place {
  /** Those of its fields alone, by their names in camel case. */
  readonly entries: readonly Entry[];
  readonly fields: CallFields;
  /** Whether values of one field are one too many. */
  readonly isRepeated: (values: readonly unknown[]) => boolean;
}

function headersPlace(headers: IncomingHttpHeaders): Place {
  const entries = Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((each) => [name, each] as const),
  );
  return placeOf(entries, IN_HEADERS, isNotAlone);
}

/** Looks at each entry once: a body may have a hundred thousand. */
function placeOf(
  entries: readonly Entry[],
  fields: CallFields,
  isRepeated: (values: readonly unknown[]) => boolean,
): Place {
  const names = new Set(namesIn(fields).map(inCamelCase));
  const named = entries.map(([name, value]): Entry => [inCamelCase(name), value]);
  return { entries: named.filter(([name]) => names.has(name)), fields, isRepeated };
}

function namesIn({ id, caller, dialled, marks = [] }: CallFields): string[] {
  return [...new Set([...id, ...caller, ...dialled, ...marks])];
}

function isNotAlone(values: readonly unknown[]): boolean {
  return values.length > 1;
}

/** In an object, a field can come twice only by two spellings of its name; that is no harm while both say the same. */
function isContradicted(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size > 1;
}

function toldBy(places: readonly Place[]): ReportedCall {
  const speaking = places.find(({ entries, fields }) => {
    const { id, caller, dialled, marks = [...id, ...caller, ...dialled] } = fields;
    const marking = new Set(marks.map(inCamelCase));
    return entries.some(([name, value]) => marking.has(name) && !isUnfilledTemplate(value));
  });
  return unlessRepeated(
    speaking === undefined ? UNKNOWN_CALL : callIn(speaking),
    places.flatMap((place) => repeatedIn(place)),
  );
}

function callIn({ entries, fields }: Place): ReportedCall {
  const valuesOf = (names: readonly string[]) =>
    names.map((name) => reported(...entries.filter(isNamed(name)).map(([, value]) => value)));
  const caller = reported(...valuesOf(fields.caller));
  return {
    id: reported(...valuesOf(fields.id)),
    caller,
    dialled: reported(...valuesOf(fields.dialled).filter((number) => number !== caller)),
  };
}

function repeatedIn({ entries, fields, isRepeated }: Place): string[] {
  return namesIn(fields).filter((name) =>
    isRepeated(entries.filter(isNamed(name)).map(([, value]) => value)),
  );
}

function isNamed(name: string): (entry: Entry) => boolean {
  const wanted = inCamelCase(name);
  return ([other]) => other === wanted;
}

function isUnfilledTemplate(value: unknown): boolean {
  return typeof value === 'string' && isUnfilled(value);
}

/** `call_id`, `call-id` and `callId` are one field; `From` of Twilio and an argument `from` are two. */
function inCamelCase(name: string): string {
  return name.replace(/[_\s-]+(.)/g, (_, next: string) => next.toUpperCase());
}
