import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { MOST_SLOTS_OF_PAGE } from './availability.service.js';
import type { TimePreference } from '../engine/slot-finder.js';

const TIME_PREFERENCES = ['any', 'morning', 'afternoon', 'evening'] as const;

export class AvailabilityQueryDto {
  @ApiPropertyOptional({ description: 'One local date of the tenant.', example: '2027-01-20' })
  @IsOptional()
  @IsString()
  @MaxLength(10)
  date?: string;

  // No examples for the range: Swagger UI would fill them in beside the date.
  @ApiPropertyOptional({
    description: 'First local date of a range, as YYYY-MM-DD; today if neither this nor `date` is given.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(10)
  from?: string;

  @ApiPropertyOptional({
    description:
      'Last local date of the range, included; at most 61 days after `from`. Default: six days after it.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(10)
  to?: string;

  @ApiPropertyOptional({
    description:
      'Part of the day by the local start: morning before 12:00, afternoon until 17:00, evening from then on.',
    enum: TIME_PREFERENCES,
    default: 'any',
  })
  @IsOptional()
  @IsIn(TIME_PREFERENCES)
  timePreference?: TimePreference;

  @ApiPropertyOptional({ description: 'Default: the tenant’s first service.', format: 'uuid' })
  @IsOptional()
  @IsUUID()
  serviceId?: string;

  @ApiPropertyOptional({ description: 'Default: any resource that gives the service.', format: 'uuid' })
  @IsOptional()
  @IsUUID()
  resourceId?: string;

  @ApiPropertyOptional({
    description: '`nextCursor` of the page before; everything else as it was asked then.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;

  @ApiPropertyOptional({
    description: 'As many slots at most. A page may have fewer, even none, and another one after it.',
    type: 'integer',
    minimum: 1,
    maximum: MOST_SLOTS_OF_PAGE,
    default: MOST_SLOTS_OF_PAGE,
  })
  @IsOptional()
  @Transform(({ value }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(MOST_SLOTS_OF_PAGE)
  limit: number = MOST_SLOTS_OF_PAGE;
}

export class OfferedSlotDto {
  @ApiProperty({
    description:
      'Opaque; book or hold the slot with it: with the resource that was asked for or, where none was, with any that is ' +
      'free by then, the least booked first.',
    example: 'N2Y0ZTk1YzQtZjE2NS00Yjg4LWE2ZTMtMmQ3Zjk0YzMwMTVi',
  })
  slotId!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T14:00:00-05:00' })
  startsAt!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T15:00:00-05:00' })
  endsAt!: string;

  @ApiProperty({
    description: 'A resource that is free at this time: the one that was asked for, or one of several.',
    format: 'uuid',
    example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3',
  })
  resourceId!: string;
}

class CalendarStateDto {
  @ApiProperty({
    description:
      'How well the connected calendars are known, all together as the one that is known least. `fresh`: as of a time that is not longer ' +
      'ago than the organisation’s limit (`calendarStaleAfterMinutes`). `stale`: as of a time before that. `unknown`: at least one ' +
      'was never read for these dates, and could not be read now.',
    enum: ['not_connected', 'fresh', 'stale', 'unknown'],
    example: 'fresh',
  })
  state!: string;

  @ApiProperty({
    description: 'As of when they are known; null where that is `unknown`, or none is connected.',
    format: 'date-time',
    nullable: true,
    type: String,
    example: '2027-01-18T15:04:05.000Z',
  })
  asOf!: string | null;
}

class AvailableServiceDto {
  @ApiProperty({ format: 'uuid', example: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11' })
  id!: string;

  @ApiProperty({ example: 'Appointment' })
  name!: string;

  @ApiProperty({ example: 60 })
  durationMinutes!: number;

  @ApiProperty({
    description: 'What the agent may tell callers about it.',
    nullable: true,
    type: String,
    example: 'Bring the insurance card.',
  })
  description!: string | null;
}

export class AvailabilityDto {
  @ApiProperty({ description: 'The tenant’s zone (IANA name).', example: 'America/New_York' })
  timezone!: string;

  @ApiProperty({ example: 'en-US' })
  locale!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T10:04:05-05:00' })
  now!: string;

  @ApiProperty({ type: AvailableServiceDto })
  service!: AvailableServiceDto;

  @ApiProperty({ type: [OfferedSlotDto], description: 'In order of their start.' })
  slots!: OfferedSlotDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: '`cursor` of the next page; null when there is nothing more in the range.',
  })
  nextCursor!: string | null;

  @ApiProperty({ type: CalendarStateDto })
  calendar!: CalendarStateDto;
}
