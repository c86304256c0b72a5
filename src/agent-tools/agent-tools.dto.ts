import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { Optional } from '../booking/optional.decorator.js';
import { IsId } from '../booking/schedule/described-field.decorators.js';
import { DEFINITION_FORMATS } from './platforms/platforms.js';

export class DefinitionsQueryDto {
  @ApiPropertyOptional({
    description:
      'That of a voice platform, by its name. `generic`: name, description, JSON schema, address and headers. `openai`: the ' +
      'strict functions of the Responses API. `openai_realtime`: the functions of the Realtime API. `mcp`: the server, for ' +
      'clients of the Model Context Protocol.',
    enum: DEFINITION_FORMATS,
    default: 'generic',
    example: 'generic',
  })
  @IsOptional()
  @IsIn(DEFINITION_FORMATS)
  format: string = 'generic';

  @ApiPropertyOptional({
    format: 'uuid',
    description:
      'For which agent connection: its address, and what it may offer. It must be of the platform that the format is of. Without ' +
      'it: the newest of that platform.',
  })
  @Optional()
  @IsId()
  connectionId?: string;
}

export class DefinitionsDto {
  @ApiProperty({ enum: DEFINITION_FORMATS, example: 'generic' })
  format!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The connection that they are for; null where there is none of that platform yet.',
    example: '4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a',
  })
  connectionId!: string | null;

  @ApiProperty({
    description: 'Where tools are called.',
    example: 'https://calendar.example.com/api/voice/generic/4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a',
  })
  url!: string;

  @ApiProperty({
    description:
      'What the platform has to send, with the secret in its place: it is shown only when it is made. Empty where the platform ' +
      'signs instead.',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { Authorization: 'Bearer <secret>' },
  })
  headers!: Record<string, string>;

  @ApiProperty({
    description: 'A paragraph for the agent’s prompt.',
    example:
      'You make, find, move and cancel appointments at Acme Dental for the caller on the line, with the tools of its calendar. …',
  })
  instructions!: string;

  @ApiProperty({
    description:
      'One for each tool, in the shape that the format asks for, with the names of the tenant’s services and resources.',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
  })
  tools!: object[];
}
