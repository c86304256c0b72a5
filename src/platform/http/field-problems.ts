import type { ValidationError } from 'class-validator';
import type { FieldProblem } from '../errors/domain-error.js';

/** When one of these fails, the others say nothing new ("must be a string" is enough for a number). */
const KIND_CONSTRAINTS = [
  'whitelistValidation',
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isArray',
  'isObject',
];

/** class-validator's findings as one line for each field, named as in the request: `weekly[2].end`. */
export function fieldProblems(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = nameOf(error.property, parent);
    const own =
      error.constraints === undefined ? [] : [{ field, message: messageOf(error, error.constraints) }];
    return [...own, ...fieldProblems(error.children ?? [], field)];
  });
}

function nameOf(property: string, parent: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

function messageOf(error: ValidationError, constraints: Readonly<Record<string, string>>): string {
  if (constraints['whitelistValidation'] !== undefined) return 'is not a known field';
  if (error.value === undefined && (error.children ?? []).length === 0) return 'is missing';
  const kind = KIND_CONSTRAINTS.find((name) => constraints[name] !== undefined);
  const messages = kind === undefined ? Object.values(constraints) : [constraints[kind] ?? ''];
  return [...new Set(messages.map((message) => withoutName(message, error.property)))].join(', ');
}

/** class-validator begins its sentences with the property, which stands in `field` already. */
function withoutName(message: string, property: string): string {
  for (const [start, instead] of [
    [`${property} `, ''],
    [`each value in ${property} `, 'each value '],
    [`each value in nested property ${property} `, 'each value '],
    [`nested property ${property} `, ''],
  ] as const) {
    if (message.startsWith(start)) return instead + message.slice(start.length);
  }
  return message;
}
