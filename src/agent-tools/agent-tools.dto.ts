import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DEFINITION_FORMATS, type DefinitionFormat } from './tool-definitions.js';

export class DefinitionsQueryDto {
  @ApiPropertyOptional({
    description:
      '`generic`: name, description, JSON schema, address and headers. `openai`: the strict functions of the Responses ' +
      'API. `openai_realtime`: the functions of the Realtime API.',
    enum: DEFINITION_FORMATS,
    default: 'generic',
    example: 'generic',
  })
  @IsOptional()
  @IsIn(DEFINITION_FORMATS)
  format: DefinitionFormat = 'generic';
}

export class DefinitionsDto {
  @ApiProperty({ enum: DEFINITION_FORMATS, example: 'generic' })
  format!: DefinitionFormat;

  @ApiProperty({
    description: 'One for each tool, in the shape that the format asks for.',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [
      {
        name: 'check_availability',
        description: 'Looks up which appointment times are free on a day.',
        parameters: {
          type: 'object',
          properties: { date: { type: 'string', description: 'The day, as YYYY-MM-DD or in words.' } },
          required: ['date'],
        },
        readOnly: true,
        method: 'POST',
        url: 'https://calendar.example.com/api/agent-tools/check_availability',
        headers: {
          Authorization: 'Bearer <API key with the scope "agent">',
          'Content-Type': 'application/json',
        },
      },
    ],
  })
  tools!: Record<string, unknown>[];
}
