import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsUUID,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsTimeZone } from '../../platform/time/time-zone.js';
import { IfGiven, IsName, OrNull } from './described-field.decorators.js';
import { WorkingHoursDto } from './working-hours.dto.js';

const NAME = { description: 'What callers know it by.', example: 'Dr. Reyes', minLength: 1, maxLength: 200 };
const TIMEZONE = {
  type: String,
  nullable: true,
  description: 'IANA name of the zone that its hours are in; null for the tenant’s.',
  example: 'America/Chicago',
  maxLength: 64,
};
const HOURS = {
  type: () => WorkingHoursDto,
  nullable: true,
  description: 'Its own hours, instead of the tenant’s and their overrides; null for the tenant’s.',
  example: {
    weekly: [
      { day: 1, start: '08:00', end: '12:00' },
      { day: 1, start: '13:00', end: '16:00' },
    ],
    overrides: [{ date: '2027-01-20', intervals: [] }],
  },
};
const ACTIVE = { description: 'One that is not stays in this list and is not offered.', example: true };

export class ChosenCalendarsDto {
  @ApiProperty({
    type: [String],
    description: 'The calendars that are read: what blocks in any of them blocks the resource.',
    maxItems: 20,
    example: ['4d6b8a34-0a5e-4f2b-8b1c-2f9f3f6f7a10'],
  })
  @IsArray()
  @ArrayMaxSize(20)
  @IsUUID(undefined, { each: true })
  read!: string[];

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    description: 'The calendar that its bookings are written to; null for none.',
    example: '4d6b8a34-0a5e-4f2b-8b1c-2f9f3f6f7a10',
  })
  @ValidateIf((_dto, value) => value !== null)
  @IsUUID()
  write!: string | null;
}

const CALENDARS = {
  type: () => ChosenCalendarsDto,
  nullable: true,
  description: 'Its own calendars, of any connected account; null for the tenant’s default calendar.',
  example: null,
};

export class CreateResourceDto {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiPropertyOptional({ ...TIMEZONE, default: null })
  @OrNull()
  @IsTimeZone()
  timezone?: string | null;

  @ApiPropertyOptional({ ...HOURS, default: null })
  @OrNull()
  @IsObject()
  @ValidateNested()
  @Type(() => WorkingHoursDto)
  workingHours?: WorkingHoursDto | null;

  @ApiPropertyOptional({ ...CALENDARS, default: null })
  @OrNull()
  @IsObject()
  @ValidateNested()
  @Type(() => ChosenCalendarsDto)
  calendars?: ChosenCalendarsDto | null;

  @ApiPropertyOptional({ ...ACTIVE, default: true })
  @IfGiven()
  @IsBoolean()
  active?: boolean;
}

/** What is left out stays as it is. */
export class UpdateResourceDto extends PartialType(CreateResourceDto, { skipNullProperties: false }) {}

export class ResourceDto {
  @ApiProperty({ format: 'uuid', example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3' })
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty(TIMEZONE)
  timezone!: string | null;

  @ApiProperty(HOURS)
  workingHours!: WorkingHoursDto | null;

  @ApiProperty(CALENDARS)
  calendars!: ChosenCalendarsDto | null;

  @ApiProperty(ACTIVE)
  active!: boolean;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  createdAt!: Date;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  updatedAt!: Date;
}

export class ResourcePageDto {
  @ApiProperty({
    type: [ResourceDto],
    description: 'Oldest first. Fewer than `limit` where many have dates with hours of their own.',
  })
  items!: ResourceDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
