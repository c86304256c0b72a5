import type { Answer } from './answer.js';
import { invalidParameter } from './api-error.js';

/** `items(id,start/dateTime),nextPageToken` as a tree; an empty branch takes everything below it. */
type Selection = Map<string, Selection>;

/** Google's `fields` parameter: what is not named is not sent, and that includes the tokens of a list. */
export function fieldSelector(fields: unknown): (answer: Answer) => Answer {
  if (typeof fields !== 'string') return (answer) => answer;
  const selection = parseFields(fields);
  return (answer) => {
    if (answer.status !== 200 || !answer.text) return answer;
    return { ...answer, text: JSON.stringify(pick(JSON.parse(answer.text), selection)) };
  };
}

function parseFields(fields: string): Selection {
  const tokens = fields.match(/[^,()/\s]+|[,()/]/g) ?? [];
  let at = 0;
  const refuse = (): never => {
    throw invalidParameter('fields', `Invalid field selection ${fields}`);
  };
  const list = (): Selection => {
    const selection: Selection = new Map();
    do {
      const name = tokens[at++] ?? refuse();
      if (/^[,()/]$/.test(name)) refuse();
      selection.set(name, below());
    } while (tokens[at] === ',' && at++ >= 0);
    return selection;
  };
  const below = (): Selection => {
    if (tokens[at] === '/') {
      at++;
      const name = tokens[at++] ?? refuse();
      return new Map([[name, below()]]);
    }
    if (tokens[at] !== '(') return new Map();
    at++;
    const inner = list();
    if (tokens[at++] !== ')') refuse();
    return inner;
  };
  const selection = list();
  if (at < tokens.length) refuse();
  return selection;
}

function pick(value: unknown, selection: Selection): unknown {
  if (!selection.size || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => pick(one, selection));
  const everything = selection.get('*');
  const picked: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const chosen = selection.get(name) ?? everything;
    if (chosen) picked[name] = pick(inner, chosen);
  }
  return picked;
}
