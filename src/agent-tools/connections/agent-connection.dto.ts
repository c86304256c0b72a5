import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Optional } from '../../booking/optional.decorator.js';
import { IfGiven, IsIdList, IsName, OrNull } from '../../booking/schedule/described-field.decorators.js';
import { canonicalLocale, IsLocale } from '../../tenant/locale.js';
import { PLATFORM_NAMES } from '../platforms/platforms.js';

/** As many services or resources as a tenant can have. */
const MOST_IN_SCOPE = 200;

const asCanonicalLocale = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? (canonicalLocale(value) ?? value) : value;

const NAME = {
  description: 'What it is for: a number, an agent.',
  example: 'Front desk',
  minLength: 1,
  maxLength: 200,
};
const SERVICE_IDS = {
  description: 'The only services it offers, books and finds. None: all.',
  example: [],
  isArray: true,
  type: String,
  maxItems: MOST_IN_SCOPE,
} as const;
const RESOURCE_IDS = {
  description: 'The only resources it offers, books and finds bookings of. None: all.',
  example: [],
  isArray: true,
  type: String,
  maxItems: MOST_IN_SCOPE,
} as const;
const LOCALE = {
  description: 'BCP 47 tag of the language its callers are spoken to in; null is the tenant’s.',
  example: 'es-MX',
  nullable: true,
  type: String,
  maxLength: 35,
};
const SECRET = {
  description:
    'Given rather than made: where the platform signs with a secret of its own, such as Retell’s API key or Telnyx’s public key ' +
    '(`secretIs` says which), it has to be that one.',
  example: 'key_0123456789abcdef',
  minLength: 8,
  maxLength: 512,
};
const WEBHOOK_SECRET = {
  description:
    'Where the platform signs its webhooks with another secret than its tool calls, as ElevenLabs does.',
  example: 'wsec_0123456789abcdef',
  minLength: 8,
  maxLength: 512,
};

/** As it can stand in a header. */
const IsSecret = (): PropertyDecorator => (target, property) => {
  for (const decorate of [
    Optional(),
    IsString(),
    MinLength(8),
    MaxLength(512),
    Matches(/^[\x21-\x7e]*$/, { message: '$property must have no spaces and none but ASCII characters' }),
  ])
    decorate(target, property);
};

class GivenSecretsDto {
  @ApiPropertyOptional(SECRET)
  @IsSecret()
  secret?: string;

  @ApiPropertyOptional(WEBHOOK_SECRET)
  @IsSecret()
  webhookSecret?: string;
}

export class CreateAgentConnectionDto extends GivenSecretsDto {
  @ApiProperty({ enum: PLATFORM_NAMES, example: 'vapi', description: 'Which voice platform.' })
  @IsIn(PLATFORM_NAMES)
  platform!: string;

  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiPropertyOptional(SERVICE_IDS)
  @Optional()
  @IsIdList(MOST_IN_SCOPE)
  serviceIds?: string[];

  @ApiPropertyOptional(RESOURCE_IDS)
  @Optional()
  @IsIdList(MOST_IN_SCOPE)
  resourceIds?: string[];

  @ApiPropertyOptional(LOCALE)
  @IsOptional()
  @Transform(asCanonicalLocale)
  @IsLocale()
  locale?: string | null;
}

/** What is left out stays as it is. */
export class UpdateAgentConnectionDto {
  @ApiPropertyOptional(NAME)
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional(SERVICE_IDS)
  @IfGiven()
  @IsIdList(MOST_IN_SCOPE)
  serviceIds?: string[];

  @ApiPropertyOptional(RESOURCE_IDS)
  @IfGiven()
  @IsIdList(MOST_IN_SCOPE)
  resourceIds?: string[];

  @ApiPropertyOptional(LOCALE)
  @OrNull()
  @Transform(asCanonicalLocale)
  @IsLocale()
  locale?: string | null;

  @ApiPropertyOptional({
    ...WEBHOOK_SECRET,
    description: `${WEBHOOK_SECRET.description} It is known only once the connection's address is entered there.`,
  })
  @IsSecret()
  webhookSecret?: string;
}

export class RotateAgentConnectionDto extends GivenSecretsDto {
  @ApiPropertyOptional({
    description:
      'How long the present secret works beside the new one, so that no call is missed while the platform is changed over; 0 ' +
      'where it has become known to somebody.',
    type: 'integer',
    default: 3600,
    minimum: 0,
    maximum: 604_800,
    example: 3600,
  })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(604_800)
  keepPreviousSeconds?: number;
}

class ConnectionWebhookDto {
  @ApiProperty({ description: 'What it is for.', example: 'inbound call' })
  event!: string;

  @ApiProperty({
    example: 'https://calendar.example.com/api/voice/retell/4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a/inbound',
    description: 'To paste into the platform.',
  })
  url!: string;
}

export class AgentConnectionDto {
  @ApiProperty({ format: 'uuid', example: '4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a' })
  id!: string;

  @ApiProperty({ enum: PLATFORM_NAMES, example: 'vapi' })
  platform!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty({
    description:
      'To paste into the platform. Where it has an address for each tool, the tool’s name follows: `…/check_availability`.',
    example: 'https://calendar.example.com/api/voice/vapi/4b1a3d6e-2d4c-4f0e-9a51-6d0c3f1e2b7a',
  })
  url!: string;

  @ApiProperty({ type: [ConnectionWebhookDto], description: 'Further addresses that the platform can use.' })
  webhooks!: ConnectionWebhookDto[];

  @ApiProperty({
    description: 'What the secret is on this platform.',
    example: 'The bearer token, `X-Vapi-Secret` or HMAC secret of a custom credential in Vapi.',
  })
  secretIs!: string;

  @ApiProperty(SERVICE_IDS)
  serviceIds!: string[];

  @ApiProperty(RESOURCE_IDS)
  resourceIds!: string[];

  @ApiProperty(LOCALE)
  locale!: string | null;

  @ApiProperty({ example: '2027-01-18T15:04:05.000Z' })
  createdAt!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'When its secret was last changed.',
  })
  rotatedAt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Until when the secret before that works too; null when it does not.',
  })
  previousSecretUntil!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2027-01-18T15:30:00.000Z',
    description: 'When the platform last used it, right to about a minute; null if never.',
  })
  lastUsedAt!: string | null;
}

export class NewAgentConnectionDto extends AgentConnectionDto {
  @ApiProperty({
    description: 'Shown this once. It authenticates the platform.',
    example: 'rcac_4b1a3d6e2d4c4f0e9a516d0c3f1e2b7a_Vb3n0c3x5mR1c8yQ2wKfZ7tHqL9sDpA4uEjGiNoXrYk',
  })
  secret!: string;
}

export class AgentConnectionListDto {
  @ApiProperty({ type: [AgentConnectionDto], description: 'Oldest first; at most 100.' })
  items!: AgentConnectionDto[];
}
