import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { ToolSpecification } from '../agent-tool.js';
import { toolSchema } from '../tool-parameters.js';
import type { ToolRefusalCode } from '../tool-refusal.js';
import type { ToolAnswer } from '../tool-runner.js';

/** A tool as MCP lists it. */
export function mcpTool({ name, description, parameters, readOnly, destructive }: ToolSpecification): Tool {
  return {
    name,
    title: titleOf(name),
    description,
    inputSchema: { ...toolSchema(parameters) },
    outputSchema: OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      // The same call again does nothing more: a voice agent that was interrupted says it all once more.
      idempotentHint: true,
      // The organisation's own calendar, and nothing else.
      openWorldHint: false,
    },
  };
}

/** What every answer has; the rest differs from tool to tool, and may grow. */
const OUTPUT_SCHEMA: NonNullable<Tool['outputSchema']> = {
  type: 'object',
  properties: {
    ok: { type: 'boolean', description: 'Whether it was done.' },
    say: { type: 'string', description: 'What to tell the caller.' },
    code: { type: 'string', description: 'Why it was not done.' },
    timezone: { type: 'string', description: 'Of the organisation (IANA name).' },
    now: { type: 'string', description: 'The present time there.' },
    today: { type: 'string', description: 'The present date there, with weekday and year.' },
  },
  required: ['ok', 'say'],
};

/** What the model itself has to fix or to try again. Anything else is news for the caller, which some clients hide in errors. */
const ERRORS: readonly ToolRefusalCode[] = ['invalid_arguments', 'unavailable'];

/**
 * An answer in the form of MCP. Its text is the whole answer too, not the sentence alone: most clients show the model nothing
 * but the text, and it needs the slot ids.
 */
export function mcpResult(answer: ToolAnswer): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(answer) }],
    structuredContent: answer,
    ...(!answer.ok && ERRORS.includes(answer.code) ? { isError: true } : {}),
  };
}

function titleOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}
