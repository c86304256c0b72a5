import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IfGiven, IsProse, OrNull } from './described-field.decorators.js';
import { ForgottenPlus } from '../forgotten-plus.decorator.js';
import { IsInstant } from '../instant.validator.js';
import { IsLocalDate } from './local-date.validator.js';
import { PageQueryDto } from './page-query.dto.js';

const REASON = { type: String, nullable: true, example: 'Vacation', minLength: 1, maxLength: 500 };

export class CreateTimeOffDto {
  @ApiPropertyOptional({
    description: 'Give either this and `endsAt`, or `fromDate` and `toDate`.',
    format: 'date-time',
    example: '2027-01-20T12:00:00-05:00',
  })
  @IfGiven()
  @IsInstant()
  startsAt?: string;

  @ApiPropertyOptional({ format: 'date-time', example: '2027-01-20T15:30:00-05:00' })
  @IfGiven()
  @IsInstant()
  endsAt?: string;

  @ApiPropertyOptional({ description: 'First local date, in the resource’s zone.', example: '2027-01-20' })
  @IfGiven()
  @IsLocalDate()
  fromDate?: string;

  @ApiPropertyOptional({ description: 'Last local date, included.', example: '2027-01-22' })
  @IfGiven()
  @IsLocalDate()
  toDate?: string;

  @ApiPropertyOptional({ ...REASON, default: null })
  @OrNull()
  @IsProse(500)
  reason?: string | null;
}

export class TimeOffListQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'What has a part at this instant or later. Default: now.',
    format: 'date-time',
  })
  @IsOptional()
  @IsInstant()
  @ForgottenPlus()
  from?: string;

  @ApiPropertyOptional({ description: 'What has a part before this instant.', format: 'date-time' })
  @IsOptional()
  @IsInstant()
  @ForgottenPlus()
  to?: string;
}

export class TimeOffDto {
  @ApiProperty({ format: 'uuid', example: '9b2f4a0e-6a3d-4f0e-8f1c-6c1f6f3f9a10' })
  id!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T00:00:00-05:00' })
  startsAt!: string;

  @ApiProperty({ description: 'Excluded.', format: 'date-time', example: '2027-01-23T00:00:00-05:00' })
  endsAt!: string;

  @ApiProperty(REASON)
  reason!: string | null;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  createdAt!: Date;
}

export class TimeOffPageDto {
  @ApiProperty({ type: [TimeOffDto], description: 'In the order of its start.' })
  items!: TimeOffDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
