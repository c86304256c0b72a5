import type { ToolSpecification } from './agent-tool.js';
import { strictToolSchema, toolSchema } from './tool-parameters.js';

export const DEFINITION_FORMATS = ['generic', 'openai', 'openai_realtime'] as const;
export type DefinitionFormat = (typeof DEFINITION_FORMATS)[number];

/**
 * Definitions to hand to a model or to paste into a platform.
 * @param publicUrl origin under which the tools are called
 */
export function toolDefinitions(
  format: DefinitionFormat,
  tools: readonly ToolSpecification[],
  publicUrl: string,
): Record<string, unknown>[] {
  return tools.map((tool) => DEFINERS[format](tool, publicUrl));
}

type Definer = (tool: ToolSpecification, publicUrl: string) => Record<string, unknown>;

const DEFINERS: Record<DefinitionFormat, Definer> = {
  /** Everything a platform's form asks for. */
  generic: ({ name, description, parameters, readOnly }, publicUrl) => ({
    name,
    description,
    parameters: toolSchema(parameters),
    readOnly,
    method: 'POST',
    url: `${publicUrl}/api/agent-tools/${name}`,
    headers: { Authorization: 'Bearer <API key with the scope "agent">', 'Content-Type': 'application/json' },
  }),
  /** The `tools` of OpenAI's Responses API. */
  openai: ({ name, description, parameters }) => ({
    type: 'function',
    name,
    description,
    parameters: strictToolSchema(parameters),
    strict: true,
  }),
  /** The `tools` of a session of OpenAI's Realtime API, which has no strict mode. */
  openai_realtime: ({ name, description, parameters }) => ({
    type: 'function',
    name,
    description,
    parameters: toolSchema(parameters),
  }),
};
