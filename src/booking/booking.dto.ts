import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { BOOKING_STATUSES, type BookingSource, type BookingStatus } from './booking.js';
import { IsInstant } from './instant.validator.js';
import { IsPhone, toPhone } from './phone.validator.js';

/** Without line breaks, and without the characters that turn the direction of what is around them. */
const toOneLine = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim() : value;

/** May be left out; null says the same. */
const Optional = (): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    Transform(({ value }: { value: unknown }) => value ?? undefined),
  );

/** A UUID is the same in capitals. */
const toLowerCase = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.toLowerCase() : (value ?? undefined);

export class CreateBookingDto {
  @ApiPropertyOptional({
    description: 'A slot that was offered. Give either this or `startsAt`.',
    example: 'N2Y0ZTk1YzQtZjE2NS00Yjg4LWE2ZTMtMmQ3Zjk0YzMwMTVi',
  })
  @Optional()
  @IsString()
  @MaxLength(100)
  slotId?: string;

  @ApiPropertyOptional({
    description: 'Start of the appointment, ISO 8601 with offset. Give either this or `slotId`.',
    format: 'date-time',
    example: '2027-01-20T14:00:00-05:00',
  })
  @Optional()
  @IsInstant()
  startsAt?: string;

  @ApiPropertyOptional({
    description: 'Default: the tenant’s first service.',
    format: 'uuid',
    example: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11',
  })
  @IsOptional()
  @Transform(toLowerCase)
  @IsUUID()
  serviceId?: string;

  @ApiPropertyOptional({
    description: 'Default: any resource that is free.',
    format: 'uuid',
    example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3',
  })
  @IsOptional()
  @Transform(toLowerCase)
  @IsUUID()
  resourceId?: string;

  @ApiProperty({ description: 'Who comes.', example: 'Ana Flores', maxLength: 200 })
  @Transform(toOneLine)
  @IsString()
  @Matches(/[\p{L}\p{N}\p{So}]/u, { message: '$property must have a letter in it' })
  @MaxLength(200)
  name!: string;

  @ApiProperty({ description: 'With country code; stored as E.164.', example: '+14155550123' })
  @Transform(toPhone)
  @IsPhone()
  phone!: string;

  @ApiPropertyOptional({ example: 'ana@example.com', maxLength: 254 })
  @Optional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional({ description: 'What it is about.', example: 'Check-up', maxLength: 1000 })
  @Optional()
  @IsString()
  @MaxLength(1000)
  purpose?: string;
}

export class CancelBookingDto {
  @ApiPropertyOptional({ example: 'The caller cannot come.', maxLength: 500 })
  @Optional()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export class BookingListQueryDto {
  @ApiPropertyOptional({
    description: 'Starting at this instant or later.',
    format: 'date-time',
  })
  @IsOptional()
  @IsInstant()
  from?: string;

  @ApiPropertyOptional({
    description: 'Starting before this instant.',
    format: 'date-time',
  })
  @IsOptional()
  @IsInstant()
  to?: string;

  @ApiPropertyOptional({ enum: BOOKING_STATUSES })
  @IsOptional()
  @IsIn(BOOKING_STATUSES)
  status?: BookingStatus;

  @ApiPropertyOptional({ description: 'Of this phone number.' })
  @IsOptional()
  @Transform(toPhone)
  @IsPhone()
  phone?: string;

  @ApiPropertyOptional({
    description: '`nextCursor` of the page before.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Transform(({ value }) => Number(value))
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

class BookingCalendarDto {
  @ApiProperty({
    description: 'How far the connected calendar has this booking.',
    enum: ['not_connected', 'pending', 'synced', 'failed'],
    example: 'synced',
  })
  status!: 'not_connected' | 'pending' | 'synced' | 'failed';

  @ApiProperty({
    description: 'What keeps it, if it is not there yet.',
    nullable: true,
    type: String,
    example: null,
  })
  reason!: string | null;

  @ApiProperty({
    description: 'The event in Google Calendar.',
    nullable: true,
    type: String,
    example: 'https://www.google.com/calendar/event?eid=Yms',
  })
  eventLink!: string | null;
}

export class BookingDto {
  @ApiProperty({ format: 'uuid', example: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50' })
  id!: string;

  @ApiProperty({ description: 'Short enough to be read out on the phone.', example: 'K7RQ4M' })
  reference!: string;

  @ApiProperty({ enum: BOOKING_STATUSES, example: 'confirmed' })
  status!: BookingStatus;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T14:00:00-05:00' })
  startsAt!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T15:00:00-05:00' })
  endsAt!: string;

  @ApiProperty({ example: 'America/New_York' })
  timezone!: string;

  @ApiProperty({ format: 'uuid', example: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11' })
  serviceId!: string;

  @ApiProperty({ format: 'uuid', example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3' })
  resourceId!: string;

  @ApiProperty({ example: 'Ana Flores' })
  name!: string;

  @ApiProperty({ example: '+14155550123' })
  phone!: string;

  @ApiProperty({ nullable: true, type: String, example: 'ana@example.com' })
  email!: string | null;

  @ApiProperty({ nullable: true, type: String, example: 'Check-up' })
  purpose!: string | null;

  @ApiProperty({ enum: ['dashboard', 'agent'], example: 'agent' })
  source!: BookingSource;

  @ApiProperty({
    description: 'The Google Meet link, once the event has one.',
    nullable: true,
    type: String,
    example: 'https://meet.google.com/abc-defg-hij',
  })
  meetLink!: string | null;

  @ApiProperty({ type: BookingCalendarDto })
  calendar!: BookingCalendarDto;

  @ApiProperty({ nullable: true, type: String, example: null })
  cancelReason!: string | null;

  @ApiProperty({ format: 'date-time', nullable: true, type: String, example: null })
  cancelledAt!: string | null;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  createdAt!: string;
}

export class BookingPageDto {
  @ApiProperty({ type: [BookingDto] })
  items!: BookingDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
