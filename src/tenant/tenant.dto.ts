import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { canonicalLocale, IsLocale } from './locale.js';
import { ChangeTenantLimitsDto, TenantLimitsDto } from './tenant-limits.dto.js';
import { UNREADABLE_CALENDAR_POLICIES, type UnreadableCalendarPolicy } from './tenant.js';
import { IsTimeZone } from '../platform/time/time-zone.js';

const NAME = {
  example: 'Acme Dental',
  description: 'What the organisation is called.',
  minLength: 1,
  maxLength: 200,
};
const TIMEZONE = {
  example: 'America/New_York',
  description: 'IANA name of the zone that working hours and wall times are in. Offsets are refused.',
  maxLength: 64,
};
const LOCALE = {
  example: 'en-US',
  description: 'BCP 47 tag of the language and region that callers are spoken to in.',
  maxLength: 35,
};
const POLICY = {
  example: 'use_last_known',
  enum: UNREADABLE_CALENDAR_POLICIES,
  enumName: 'UnreadableCalendarPolicy',
  description:
    'What is done while a connected calendar is not known well enough (`calendarStaleAfterMinutes`), or cannot be read just ' +
    'before a booking: `use_last_known` goes by what was last known of it, `refuse` offers and books nothing.',
};
const STALE_AFTER = {
  type: 'integer' as const,
  example: 60,
  minimum: 5,
  maximum: 1440,
  description:
    'How many minutes old the knowledge of a connected calendar may become: what is older is `stale`, and the policy applies. ' +
    'The sooner, the more often calendars are looked at.',
};

const trimmed = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim() : value;
const asCanonicalLocale = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? (canonicalLocale(value) ?? value) : value;
/** May be left out, but not be null. */
const IfGiven = (): PropertyDecorator => ValidateIf((_dto, value) => value !== undefined);

export class CreateTenantDto extends ChangeTenantLimitsDto {
  @ApiProperty(NAME)
  @Transform(trimmed)
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name!: string;

  @ApiProperty(TIMEZONE)
  @IsTimeZone()
  timezone!: string;

  @ApiPropertyOptional({ ...LOCALE, default: 'en-US' })
  @Transform(asCanonicalLocale)
  @IfGiven()
  @IsLocale()
  locale?: string;

  @ApiPropertyOptional({ ...POLICY, default: 'use_last_known' })
  @IfGiven()
  @IsIn(UNREADABLE_CALENDAR_POLICIES)
  unreadableCalendarPolicy?: UnreadableCalendarPolicy;

  @ApiPropertyOptional({ ...STALE_AFTER, default: 60 })
  @IfGiven()
  @IsInt()
  @Min(5)
  @Max(1440)
  calendarStaleAfterMinutes?: number;
}

/** What is left out stays as it is. */
export class UpdateTenantDto extends ChangeTenantLimitsDto {
  @ApiPropertyOptional(NAME)
  @Transform(trimmed)
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name?: string;

  @ApiPropertyOptional(TIMEZONE)
  @IfGiven()
  @IsTimeZone()
  timezone?: string;

  @ApiPropertyOptional(LOCALE)
  @Transform(asCanonicalLocale)
  @IfGiven()
  @IsLocale()
  locale?: string;

  @ApiPropertyOptional(POLICY)
  @IfGiven()
  @IsIn(UNREADABLE_CALENDAR_POLICIES)
  unreadableCalendarPolicy?: UnreadableCalendarPolicy;

  @ApiPropertyOptional(STALE_AFTER)
  @IfGiven()
  @IsInt()
  @Min(5)
  @Max(1440)
  calendarStaleAfterMinutes?: number;
}

export class ListTenantsDto {
  @ApiPropertyOptional({
    example: 'MTc5NTQ1MDMyMTAwMC43YzBkM2MyZS0zZjBiLTRmMmEtOWE1My0wZDhmOWYxYzZmMTA',
    description: '`nextCursor` of the page before. Left out: the first page.',
    maxLength: 200,
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    example: 50,
    default: 50,
    minimum: 1,
    maximum: 200,
    description: 'The most tenants in a page.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;
}

export class TenantDto extends TenantLimitsDto {
  @ApiProperty({
    example: '7c0d3c2e-3f0b-4f2a-9a53-0d8f9f1c6f10',
    description: 'Of the tenant.',
    format: 'uuid',
  })
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty(TIMEZONE)
  timezone!: string;

  @ApiProperty(LOCALE)
  locale!: string;

  @ApiProperty(POLICY)
  unreadableCalendarPolicy!: UnreadableCalendarPolicy;

  @ApiProperty(STALE_AFTER)
  calendarStaleAfterMinutes!: number;

  @ApiProperty({ example: '2026-01-21T14:00:00.000Z', description: 'When the tenant was made.' })
  createdAt!: Date;

  @ApiProperty({ example: '2026-01-21T14:00:00.000Z', description: 'When the tenant was last changed.' })
  updatedAt!: Date;
}

export class TenantPageDto {
  @ApiProperty({ type: [TenantDto], description: 'Oldest first.' })
  items!: TenantDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'MTc5NTQ1MDMyMTAwMC43YzBkM2MyZS0zZjBiLTRmMmEtOWE1My0wZDhmOWYxYzZmMTA',
    description: 'Asks for the next page; null on the last.',
  })
  nextCursor!: string | null;
}
