import { badRequest, invalidParameter, required } from './api-error.js';
import { discovery, type Method, type Parameter, type Schema } from './discovery.js';

export type QueryValue = string | number | boolean | string[];

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** The query as the method declares it; whatever the method does not declare is refused. */
export function checkQuery(method: Method, query: URLSearchParams): Record<string, QueryValue> {
  const checked: Record<string, QueryValue> = {};
  for (const name of new Set(query.keys())) {
    const parameter = method.parameters?.[name] ?? discovery.parameters[name];
    if (!parameter || parameter.location !== 'query') {
      throw invalidParameter(name, `Invalid query. Unknown name "${name}": Cannot bind query parameter.`);
    }
    const given = query.getAll(name);
    if (given.length > 1 && !parameter.repeated) {
      throw invalidParameter(name, `Invalid query. "${name}" was given ${given.length} times.`);
    }
    const values = given.map((text) => checkParameter(name, parameter, text));
    checked[name] = parameter.repeated ? values.map(String) : (values[0] as QueryValue);
  }
  for (const [name, parameter] of Object.entries(method.parameters ?? {})) {
    if (parameter.required && parameter.location === 'query' && !(name in checked)) throw required(name);
  }
  return checked;
}

function checkParameter(name: string, parameter: Parameter, text: string): string | number | boolean {
  if (parameter.enum && !parameter.enum.includes(text)) {
    const allowed = parameter.enum.join(', ');
    throw invalidParameter(name, `Invalid string value: '${text}'. Allowed values: [${allowed}]`);
  }
  if (parameter.type === 'boolean') {
    if (text !== 'true' && text !== 'false') {
      throw invalidParameter(name, `Invalid boolean value: '${text}'.`);
    }
    return text === 'true';
  }
  if (parameter.type === 'integer') {
    const value = Number(text);
    const { minimum = '-2147483648', maximum = '2147483647' } = parameter;
    if (!/^-?\d+$/.test(text) || value < Number(minimum) || value > Number(maximum)) {
      throw invalidParameter(name, `Invalid integer value: '${text}'. Allowed: ${minimum} to ${maximum}.`);
    }
    return value;
  }
  if (parameter.format === 'date-time' && !isTimestamp(text)) throw notATimestamp(name, text);
  return text;
}

/** The body as the named schema declares it: fields it does not know, or of another type, are refused. */
export function checkBody(operation: string, schemaName: string, body: unknown): Record<string, unknown> {
  checkValue(schemaName, { $ref: schemaName }, body, '');
  const object = body as Record<string, unknown>;
  for (const [name, schema] of Object.entries(discovery.schemas[schemaName]?.properties ?? {})) {
    if (schema.requiredBy?.includes(operation) && (object[name] === undefined || object[name] === null)) {
      throw required(name, `Missing ${name === 'start' || name === 'end' ? `${name} time` : name}.`);
    }
  }
  return object;
}

/** Null is allowed everywhere: Google takes it as "not there", and a patch clears a field with it. */
function checkValue(name: string, declared: Schema, value: unknown, at: string): void {
  const schema = declared.$ref ? { type: 'object' as const, ...discovery.schemas[declared.$ref] } : declared;
  if (value === null && at !== '') return;
  const fail = (): never => {
    throw badRequest(`Invalid value at '${at || name}' (${schema.format ?? schema.type}): ${short(value)}`);
  };
  switch (schema.type) {
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail();
      for (const [key, inner] of Object.entries(value)) {
        const field = schema.properties?.[key] ?? schema.additionalProperties;
        const place = at ? `'${at}'` : `'${name}'`;
        if (!field) {
          throw badRequest(
            `Invalid JSON payload received. Unknown name "${key}" at ${place}: Cannot find field.`,
          );
        }
        checkValue(key, field, inner, at ? `${at}.${key}` : key);
      }
      return;
    case 'array':
      if (!Array.isArray(value)) return fail();
      value.forEach((inner, index) => checkValue(name, schema.items ?? {}, inner, `${at}[${index}]`));
      return;
    case 'string':
      // 64-bit numbers travel as text, but Google takes them as numbers too.
      if (schema.format === 'int64' && typeof value === 'number' && Number.isSafeInteger(value)) return;
      if (typeof value !== 'string' || (schema.format === 'int64' && !/^-?\d+$/.test(value))) fail();
      return;
    case 'integer':
      if (!Number.isInteger(value)) fail();
      return;
    case 'number':
      if (typeof value !== 'number') fail();
      return;
    case 'boolean':
      if (typeof value !== 'boolean') fail();
      return;
    default:
  }
}

export function isTimestamp(text: string): boolean {
  return rfc3339.test(text) && !Number.isNaN(Date.parse(text));
}

function notATimestamp(name: string, text: string): Error {
  return invalidParameter(
    name,
    `Invalid value '${text}' for ${name}: must be an RFC 3339 timestamp with mandatory time zone offset.`,
  );
}

function short(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
