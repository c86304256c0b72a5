import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { BookingDto } from './booking.dto.js';
import { BOOKING_STATUSES, type BookingStatus } from './booking.js';
import { IsId } from './schedule/described-field.decorators.js';
import { ForgottenPlus } from './forgotten-plus.decorator.js';
import { IsInstant } from './instant.validator.js';
import { PageQueryDto } from './schedule/page-query.dto.js';
import { IsPhone, toNumber } from './phone.validator.js';

const toUpperCase = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim().toUpperCase() : value;

export class BookingListQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Starting at this instant or later.', format: 'date-time' })
  @IsOptional()
  @IsInstant()
  @ForgottenPlus()
  from?: string;

  @ApiPropertyOptional({ description: 'Starting before this instant.', format: 'date-time' })
  @IsOptional()
  @IsInstant()
  @ForgottenPlus()
  to?: string;

  @ApiPropertyOptional({ enum: BOOKING_STATUSES })
  @IsOptional()
  @IsIn(BOOKING_STATUSES)
  status?: BookingStatus;

  @ApiPropertyOptional({ description: 'Of this phone number, whatever its extension.' })
  @IsOptional()
  @Transform(toNumber)
  @IsPhone()
  @ForgottenPlus()
  phone?: string;

  @ApiPropertyOptional({ description: 'Of this service.', format: 'uuid' })
  @IsOptional()
  @IsId()
  serviceId?: string;

  @ApiPropertyOptional({ description: 'With this resource.', format: 'uuid' })
  @IsOptional()
  @IsId()
  resourceId?: string;

  @ApiPropertyOptional({ description: 'The one with this reference, in capitals or not.', maxLength: 20 })
  @IsOptional()
  @Transform(toUpperCase)
  @IsString()
  @MaxLength(20)
  reference?: string;
}

export class BookingPageDto {
  @ApiProperty({ type: [BookingDto] })
  items!: BookingDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
