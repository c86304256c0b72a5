/*
 * Holds what this service emits, as `npm run emitted` wrote it, against what the vendors' SDKs know of it: writes each fixture
 * as a literal of the vendor's type to generated/, for `tsc`, and reads the others with the SDK's own code.
 */
import { deepStrictEqual } from 'node:assert';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import {
  ConversationInitiationClientDataRequestInput,
  ToolRequestModelToolConfig,
} from '@elevenlabs/elevenlabs-js/serialization/index.js';
import { toStrictJsonSchema } from 'openai/lib/transform';
import { READ_BY_SCHEMAS, UNTYPED, VENDOR_TYPES } from './vendor-types.ts';

const FIXTURES = new URL('../test/agent-tools/platforms/fixtures/', import.meta.url);
const GENERATED = new URL('generated/', import.meta.url);

await rm(GENERATED, { recursive: true, force: true });
await mkdir(GENERATED);
for (const folder of ['definitions', 'answers', 'call-starts']) {
  for (const file of await readdir(new URL(`${folder}/`, FIXTURES))) {
    await check(`${folder}/${file.replace(/\.json$/, '')}`);
  }
}

async function check(name: string): Promise<void> {
  const json = await readFile(new URL(`${name}.json`, FIXTURES), 'utf8');
  const type = VENDOR_TYPES[name];
  if (type !== undefined) {
    // A literal, so that the compiler finds fields that the vendor does not know.
    const text = `${type.from}\n\nexport const value: ${type.type} = ${json.trim()};\n`;
    await writeFile(new URL(`${name.replace('/', '-')}.ts`, GENERATED), text);
  } else if (!READ_BY_SCHEMAS.includes(name) && !UNTYPED.includes(name)) {
    throw new Error(`${name} is in none of the lists of vendor-types.ts`);
  }
  await READERS[name]?.(JSON.parse(json));
  console.log(`${name}: ${type?.type ?? (READERS[name] === undefined ? 'no type is published' : 'read')}`);
}

const READERS: Readonly<Record<string, (value: any) => Promise<void> | void>> = {
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
