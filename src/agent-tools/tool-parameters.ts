import type { Wanted } from './language/sentences.js';

/** An argument of a tool. All are read as text, as callers and models say it. */
export interface ToolParameter {
  /** What the definitions ask for; default: `string`. */
  readonly type?: 'string' | 'integer';
  /** For the model that fills it in. */
  readonly description: string;
  readonly required?: boolean;
  /** The values that the definitions ask for; others are understood where they can be. */
  readonly enum?: readonly string[];
  readonly example?: string;
  /** In characters. */
  readonly maxLength: number;
  /** What to do with text that is too long: keep its beginning, or ask for it again. */
  readonly whenTooLong: 'cut' | 'ask';
  /** What the caller is asked for when it cannot be read. */
  readonly asks: Wanted;
}

type ParameterType = 'string' | 'integer';

export type ToolParameters = Readonly<Record<string, ToolParameter>>;

/**
 * A flat JSON Schema object without `$ref`, `oneOf` or `default`: the common ground of all voice platforms.
 */
export interface ToolSchema {
  type: 'object';
  properties: Record<
    string,
    { type: ParameterType | [ParameterType, 'null']; description: string; enum?: (string | null)[] }
  >;
  required: string[];
  additionalProperties?: false;
}

export function toolSchema(parameters: ToolParameters): ToolSchema {
  const entries = Object.entries(parameters);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, { type = 'string', description, enum: values }]) => [
        name,
        { type, description, ...(values === undefined ? {} : { enum: [...values] }) },
      ]),
    ),
    required: entries.filter(([, { required }]) => required === true).map(([name]) => name),
  };
}

/**
 * The same as OpenAI's strict mode wants it: no additional properties, every property required, and null for
 * what may be left out.
 * @see https://platform.openai.com/docs/guides/structured-outputs
 */
export function strictToolSchema(parameters: ToolParameters): ToolSchema {
  const { properties } = toolSchema(parameters);
  for (const [name, property] of Object.entries(properties)) {
    if (parameters[name]?.required === true) continue;
    property.type = [parameters[name]?.type ?? 'string', 'null'];
    if (property.enum !== undefined) property.enum = [...property.enum, null];
  }
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
