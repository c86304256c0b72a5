import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, getSchemaPath } from '@nestjs/swagger';
import { agentInstructions } from './agent-instructions.js';
import { DefinitionsDto } from './agent-tools.dto.js';
import { DEFINITION_FORMATS, platformOfFormat } from './platforms/platforms.js';
import { SECRET_PLACEHOLDER } from './platforms/voice-platform.js';
import { TOOL_SPECIFICATIONS } from './tools.js';

const PUBLIC_URL = 'https://calendar.example.com';
const CONNECTION_ID = '4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a';

/** Documents the definitions with an example of each format, made as the answers are. */
export function ApiDefinitions(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Tool definitions',
      description: 'Ready to be given to a model or pasted into a voice platform.',
    }),
    ApiExtraModels(DefinitionsDto),
    ApiOkResponse({
      description: 'The tools in that format. The examples have the first of them.',
      content: {
        'application/json': {
          schema: { $ref: getSchemaPath(DefinitionsDto) },
          examples: Object.fromEntries(
            DEFINITION_FORMATS.map((format) => [format, { value: example(format) }]),
          ),
        },
      },
    }),
  );
}

function example(format: string): DefinitionsDto {
  const platform = platformOfFormat(format);
  if (platform === undefined) throw new Error(`No platform has the format "${format}".`);
  const target = { url: platform.address(PUBLIC_URL, CONNECTION_ID), secret: SECRET_PLACEHOLDER };
  return {
    format,
    connectionId: CONNECTION_ID,
    url: target.url,
    headers: platform.headersWith(target.secret),
    instructions: agentInstructions('Acme Dental'),
    tools: platform.define(TOOL_SPECIFICATIONS.slice(0, 1), target, format),
  };
}
