import type { FieldProblem } from '../errors/domain-error.js';

const UNSTORABLE = 'holds a character that cannot be stored (NUL or half of a surrogate pair)';
const UNKNOWN = 'is not a known field';

/** Names that class-validator's whitelist takes for members of every object, or that class-transformer drops unseen. */
const isOverlooked = (name: string): boolean => name in Object.prototype || name === 'prototype';

/** PostgreSQL's text holds any character but NUL, and a surrogate without its partner is no character at all. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * The fields in `value` that no route takes: text that cannot be stored, in values and in names, and names such as
 * `constructor`. Not recursive: the sender decides how deep `value` is.
 */
export function refusedFields(value: unknown, name: string): FieldProblem[] {
  const found: FieldProblem[] = [];
  const pending: [name: string, value: unknown][] = [[name, value]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, current] = next;
    if (typeof current === 'string' && !isStorable(current)) found.push({ field: path, message: UNSTORABLE });
    if (Array.isArray(current)) {
      current.forEach((item, index) => pending.push([`${path}[${index}]`, item]));
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, item] of Object.entries(current)) {
        const field = path === '' ? key : `${path}.${key}`;
        if (!isStorable(key)) found.push({ field: path === '' ? 'body' : path, message: UNSTORABLE });
        else if (isOverlooked(key)) found.push({ field, message: UNKNOWN });
        else pending.push([field, item]);
      }
    }
  }
  return found.sort((a, b) => (a.field < b.field ? -1 : 1));
}
