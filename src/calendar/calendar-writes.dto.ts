import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';

const CURSOR_EXAMPLE = 'MTc2OTAwNDAwMDAwMC4wYjZmNmU0Mi0xYjRkLTRjNDgtOWQ1Mi04YjJhN2I4M2M5ZDE';

export class ListCalendarWritesDto {
  @ApiPropertyOptional({
    enum: ['failed', 'pending'],
    default: 'failed',
    example: 'failed',
    description: '`failed`: given up, until someone retries it. `pending`: still being tried.',
  })
  @IsOptional()
  @IsIn(['failed', 'pending'])
  state?: 'failed' | 'pending';

  @ApiPropertyOptional({
    default: 50,
    minimum: 1,
    maximum: 200,
    example: 50,
    description: 'The most writes in a page.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({
    example: CURSOR_EXAMPLE,
    maxLength: 200,
    description: '`nextCursor` of the page before. Left out: the first page.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

export class RetryCalendarWritesDto {
  @ApiPropertyOptional({
    enum: ['failed', 'pending'],
    default: 'failed',
    example: 'failed',
    description:
      '`failed`: given up. `pending`: still being tried; those are tried at once, instead of when they are due.',
  })
  @IsOptional()
  @IsIn(['failed', 'pending'])
  state?: 'failed' | 'pending';

  @ApiPropertyOptional({
    format: 'uuid',
    example: '7c0d3c2e-3f0b-4f2a-9a53-0d8f9f1c6f10',
    description: 'Of this tenant only. Left out: of all tenants.',
  })
  @IsOptional()
  @IsUUID()
  tenantId?: string;

  @ApiPropertyOptional({
    example: 'forbidden',
    maxLength: 64,
    description: 'Only those with this `reason`. Left out: whatever the reason.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @ApiPropertyOptional({
    default: 500,
    minimum: 1,
    maximum: 1000,
    example: 500,
    description: 'The most to retry.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;
}

export class CalendarWritesRetriedDto {
  @ApiProperty({ example: 413, description: 'How many are tried again now.' })
  retried!: number;

  @ApiProperty({ example: false, description: 'Whether there are more that match.' })
  hasMore!: boolean;
}

export class CalendarWriteDto {
  @ApiProperty({
    example: '7c0d3c2e-3f0b-4f2a-9a53-0d8f9f1c6f10',
    format: 'uuid',
    description: 'Whose booking it is.',
  })
  tenantId!: string;

  @ApiProperty({
    example: '0b6f6e42-1b4d-4c48-9d52-8b2a7b83c9d1',
    format: 'uuid',
    description: 'The booking.',
  })
  bookingId!: string;

  @ApiProperty({
    enum: ['present', 'absent'],
    example: 'present',
    description: 'Whether the event is to be in the calendar or to be taken away.',
  })
  wanted!: 'present' | 'absent';

  @ApiProperty({
    enum: ['failed', 'pending'],
    example: 'failed',
    description: 'Given up, or still being tried.',
  })
  state!: 'failed' | 'pending';

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'calendar_gone',
    description: 'What went wrong last: a stable word. Null when nothing has yet.',
  })
  reason!: string | null;

  @ApiProperty({ example: 3, description: 'How often it was tried since it began to wait.' })
  attempts!: number;

  @ApiProperty({
    format: 'date-time',
    example: '2026-01-21T14:00:00.000Z',
    description: 'Since when it is in this state.',
  })
  since!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-21T14:05:00.000Z',
    description: 'When it was tried last.',
  })
  lastAttemptAt!: Date | null;
}

export class CalendarWritePageDto {
  @ApiProperty({ type: [CalendarWriteDto], description: 'Longest waiting first.' })
  items!: CalendarWriteDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: CURSOR_EXAMPLE,
    description: 'Asks for the next page; null on the last.',
  })
  nextCursor!: string | null;
}
