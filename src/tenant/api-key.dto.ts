import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsString,
  MaxLength,
} from 'class-validator';
import { type Scope, SCOPES } from './caller.js';

const NAME = { example: 'Voice agent', description: 'What the key is for.', minLength: 1, maxLength: 200 };
const KEY_SCOPES = {
  example: ['agent'],
  description: 'What the key may be used for: `dashboard` for the REST routes, `agent` for the agent tools.',
  enum: SCOPES,
  enumName: 'Scope',
  isArray: true,
  minItems: 1,
  maxItems: SCOPES.length,
} as const;

export class CreateApiKeyDto {
  @ApiProperty(NAME)
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name!: string;

  @ApiProperty(KEY_SCOPES)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes!: Scope[];
}

export class ApiKeyDto {
  @ApiProperty({
    example: 'b1a6f9d2-6f0e-4a52-8f57-0f3f4d3f2c11',
    description: 'Of the key.',
    format: 'uuid',
  })
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty({
    example: '3f9c01d2a7be',
    description: 'The public part of the key, by which it can be recognised.',
  })
  prefix!: string;

  @ApiProperty(KEY_SCOPES)
  scopes!: Scope[];

  @ApiProperty({ example: '2026-01-21T14:00:00.000Z', description: 'When the key was made.' })
  createdAt!: Date;

  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-01-21T15:30:00.000Z',
    description: 'When the key was last used, right to about a minute; null if never.',
  })
  lastUsedAt!: Date | null;
}

export class CreatedApiKeyDto extends ApiKeyDto {
  @ApiProperty({
    example: 'rcal_3f9c01d2a7be_Vb3n0c3x5mR1c8yQ2wKfZ7tHqL9sDpA4uEjGiNoXrYk',
    description: 'The key itself. Shown this once: only its hash is kept.',
  })
  key!: string;
}

export class ApiKeyListDto {
  @ApiProperty({ type: [ApiKeyDto], description: 'Oldest first; at most 100.' })
  items!: ApiKeyDto[];
}
