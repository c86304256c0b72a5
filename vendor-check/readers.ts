import { deepStrictEqual } from 'node:assert';
import {
  ConversationInitiationClientDataRequestInput,
  ToolRequestModelToolConfig,
} from '@elevenlabs/elevenlabs-js/serialization/index.js';
import { toStrictJsonSchema } from 'openai/lib/transform';

/** What the SDKs have code for that reads it: it throws for what it does not take. */
export const READERS: Readonly<Record<string, (value: any) => Promise<void> | void>> = {
  async 'definitions/elevenlabs'(tools: any[]) {
    for (const tool of tools) {
      await ToolRequestModelToolConfig.parseOrThrow(tool, { unrecognizedObjectKeys: 'fail' });
      const { path_params_schema, query_params_schema, request_body_schema } = tool.api_schema;
      const schemas = [path_params_schema, query_params_schema?.properties, request_body_schema?.properties];
      for (const [name, property] of schemas.flatMap((properties) => Object.entries(properties ?? {}))) {
        hasOneSource(`${tool.name}.${name}`, property as object);
      }
    }
  },

  async 'call-starts/elevenlabs'({ type, ...data }) {
    deepStrictEqual(type, 'conversation_initiation_client_data');
    await ConversationInitiationClientDataRequestInput.parseOrThrow(data, { unrecognizedObjectKeys: 'fail' });
  },

  /** What OpenAI's own code makes strict already is. */
  'definitions/openai'(tools: any[]) {
    for (const { strict, parameters } of tools) {
      deepStrictEqual(strict, true);
      deepStrictEqual(parameters, toStrictJsonSchema(parameters));
    }
  },
};

/** `LiteralJsonSchemaProperty` says that exactly one of these may be set, which its schema does not enforce. */
function hasOneSource(name: string, property: object): void {
  const sources = ['description', 'dynamic_variable', 'is_system_provided', 'constant_value', 'is_omitted'];
  const found = sources.filter((source) => source in property);
  if (found.length !== 1) throw new Error(`${name} has its value from ${found.join(' and ') || 'nowhere'}`);
}
