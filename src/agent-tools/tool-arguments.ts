import type { Sentences } from './language/sentences.js';
import type { ToolParameter, ToolParameters } from './tool-parameters.js';
import { ToolRefusal } from './tool-refusal.js';
import { isUnfilled } from './call/unfilled-template.js';

/** The arguments that were given, by the names of the tool's parameters; what is absent was not given. */
export type ToolArguments = Readonly<Partial<Record<string, string>>>;

/** Words that models put where they have nothing to put. */
const NOTHING = new RegExp(
  `^(?:${[
    'null|nil|undefined|none|n/?a|no|nope|unknown|unspecified|tbd|declined?|declines|refused|skip(?:ped)?|prefer(?:s|red)? not to(?: say)?',
    '(?:not|none) (?:provided|specified|given|mentioned|applicable|available|shared|offered|needed)',
    "(?:no|has no|without(?: an?)?|(?:does not|doesn['’]?t|do not|don['’]?t|did not|didn['’]?t) (?:have|give|want|provide|share)(?: an?| any| one| it)?) ?(?:e-?mail(?: address)?|address|phone(?: number)?|number)?",
    'ningun[oa]?|desconocid[oa]|no (?:especificad[oa]|proporcionad[oa]|indicad[oa]|tiene|tengo|hay|aplica|quiere|quiero|dio|facilita(?:do)?)',
    '(?:sin|no (?:tiene|tengo|hay|quiere(?: dar)?|dio)) ?(?:ning[uú]n )?(?:correo(?: electr[oó]nico)?|e-?mail|tel[eé]fono|n[uú]mero)',
    '[-–—?]+',
  ].join('|')})[.!]?$`,
  'i',
);

/** What cannot be stored or said; joiners are part of how some scripts and signs are written. */
const UNSAYABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\ufffd]/gu;
/** What joiners join: letters and marks of scripts that use them, and signs. */
const JOINED_BEFORE = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
const JOINED_AFTER = /^[\p{L}\p{M}\p{Extended_Pictographic}]/u;
const LATIN_LETTER = /\p{Script=Latin}\p{M}*$/u;
/** As many marks as a letter has in any language, and more. */
const LONGEST_LETTER = 16;

/** Envelopes in which some clients send the arguments. */
const ENVELOPES = ['arguments', 'args', 'parameters'];

/** What an id of a conversation is called, as `folded` makes it. */
const CALL_IDS = ['callid', 'conversationid'];
const CALL_ID = { maxLength: 200, whenTooLong: 'cut' } as const;

/**
 * Reads the arguments out of a request's body, whatever it is: an object, or one as JSON text, with names in
 * snake or camel case. Unknown arguments are left out, nulls and empty texts are absent, numbers count as
 * text.
 * @throws ToolRefusal `invalid_arguments`
 */
export function readArguments(parameters: ToolParameters, body: unknown, say: Sentences): ToolArguments {
  const given = argumentsObject(body, parameters);
  if (given === undefined) {
    const asked = Object.values(parameters).filter(({ required }) => required === true);
    if (asked.length === 0) return {};
    throw new ToolRefusal('invalid_arguments', say.askFor(asked.map(({ asks }) => asks)));
  }
  const known = new Set(Object.keys(parameters).map(folded));
  const byName = new Map<string, unknown>();
  // A name spelled as in the definition comes last, so it wins over other spellings of it.
  const spelled = ([name]: [string, unknown]) => Object.hasOwn(parameters, name);
  const entries = Object.entries(given);
  for (const [name, value] of [...entries.filter((entry) => !spelled(entry)), ...entries.filter(spelled)]) {
    const key = folded(name);
    if (known.has(key) && !isAbsent(value)) byName.set(key, value);
  }
  const read: Record<string, string> = {};
  const unreadable: string[] = [];
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = byName.get(folded(name));
    if (value === undefined) continue;
    const text = textFrom(value, parameter);
    // What may be left out never stands in the way of the rest.
    if (text === undefined && (parameter.required === true || typeof value === 'string'))
      unreadable.push(name);
    if (text !== undefined && text !== '') read[name] = text;
  }
  if (unreadable.length === 0) return read;
  const asks = unreadable.flatMap((name) => parameters[name]?.asks ?? []);
  throw new ToolRefusal('invalid_arguments', say.askAgain([...new Set(asks)]), { fields: unreadable });
}

/**
 * What is said of the conversation among or beside the arguments: a note for the audit trail, and nothing else. A model says
 * whatever a caller has it say.
 */
export function saidCallId(body: unknown): string | null {
  const beside = entriesOf(body);
  const among = beside.flatMap(([name, value]) => (ENVELOPES.includes(name) ? entriesOf(value) : []));
  const [callId] = [...beside, ...among]
    .filter(([name, value]) => CALL_IDS.includes(folded(name)) && !isAbsent(value))
    .map(([, value]) => textFrom(value, CALL_ID));
  return callId === undefined || callId === '' ? null : callId;
}

function entriesOf(value: unknown): [name: string, value: unknown][] {
  return Object.entries(objectFrom(value) ?? {});
}

function argumentsObject(body: unknown, parameters: ToolParameters): object | undefined {
  if (body === undefined) return {};
  const object = objectFrom(body);
  if (object === undefined) return undefined;
  const known = new Set(Object.keys(parameters).map(folded));
  const entries = entriesOf(object);
  if (entries.some(([name]) => known.has(folded(name)))) return object;
  const envelope = entries.find(([name]) => ENVELOPES.includes(name))?.[1];
  return objectFrom(envelope) ?? object;
}

function objectFrom(value: unknown): object | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? undefined : objectFrom(parsed);
  } catch {
    return undefined; // text that is not JSON holds no arguments
  }
}

/** `timePreference`, `TimePreference` and `time-preference` are `time_preference`. */
function folded(name: string): string {
  return name.replace(/[_\s-]/g, '').toLowerCase();
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && (NOTHING.test(value.trim()) || isUnfilled(value));
}

/** Undefined for what is no text; without characters that cannot be stored or said. */
function textFrom(
  value: unknown,
  { maxLength, whenTooLong }: Pick<ToolParameter, 'maxLength' | 'whenTooLong'>,
): string | undefined {
  if (typeof value === 'object' && value !== null) {
    // One thing in a list, or in an object of its own.
    const [only, ...others] = Object.values(value) as unknown[];
    return others.length > 0 || typeof only === 'object'
      ? undefined
      : textFrom(only, { maxLength, whenTooLong });
  }
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = withoutIdleJoiners(String(value).toWellFormed().replace(UNSAYABLE, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  if (text.length <= maxLength) return text;
  // Cutting may part a pair of surrogates.
  return whenTooLong === 'cut'
    ? text
        .slice(0, maxLength)
        .replace(/[\ud800-\udbff]$/, '')
        .trim()
    : undefined;
}

/**
 * Removes joiners that have nothing to join, and those in Latin letters, which they would only make look alike. Looks at each
 * run of joiners and its neighbours only: a text may be as long as a body.
 */
function withoutIdleJoiners(text: string): string {
  return text.replace(/[\u200c\u200d]+/g, (run, at: number) => {
    const before = text.slice(Math.max(0, at - LONGEST_LETTER), at);
    const after = text.slice(at + run.length, at + run.length + 2);
    const joins = JOINED_BEFORE.test(before) && !LATIN_LETTER.test(before) && JOINED_AFTER.test(after);
    return joins ? run.slice(0, 1) : '';
  });
}
