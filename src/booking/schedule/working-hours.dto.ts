import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, Matches, ValidateNested } from 'class-validator';
import { IsLocalDate } from './local-date.validator.js';
import type { Weekday } from '../engine/working-hours.js';

const START = /^([01]\d|2[0-3]):[0-5]\d$/;
const END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

export class WallIntervalDto {
  @ApiProperty({ description: 'Wall time.', example: '09:00' })
  @Matches(START, { message: '$property must be a time from 00:00 to 23:59' })
  start!: string;

  @ApiProperty({
    description: 'Wall time, excluded; up to 24:00. At or before `start`: a time of the following day.',
    example: '17:00',
  })
  @Matches(END, { message: '$property must be a time from 00:00 to 24:00' })
  end!: string;
}

export class WeeklyIntervalDto extends WallIntervalDto {
  @ApiProperty({
    type: 'integer',
    description: 'ISO 8601: Monday is 1, Sunday is 7.',
    minimum: 1,
    maximum: 7,
    example: 1,
  })
  @IsIn(WEEKDAYS, { message: '$property must be a whole number from 1 (Monday) to 7 (Sunday)' })
  day!: Weekday;
}

export class DateOverrideDto {
  @ApiProperty({ description: 'Local date, from 2000 to 2199.', example: '2026-12-25' })
  @IsLocalDate()
  date!: string;

  @ApiProperty({
    description: 'The hours of that date; empty for closed.',
    type: [WallIntervalDto],
    example: [],
  })
  @IsArray()
  @ArrayMaxSize(24)
  // Lists of lists would pass as nested, too.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WallIntervalDto)
  intervals!: WallIntervalDto[];
}

export class WorkingHoursDto {
  @ApiProperty({ type: [WeeklyIntervalDto] })
  @IsArray()
  @ArrayMaxSize(168)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WeeklyIntervalDto)
  weekly!: WeeklyIntervalDto[];

  @ApiProperty({
    description:
      'Dates with other hours than the week gives them: at most 1,000 of them, with 2,000 intervals altogether.',
    type: [DateOverrideDto],
  })
  @IsArray()
  @ArrayMaxSize(1000)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => DateOverrideDto)
  overrides: DateOverrideDto[] = [];
}
