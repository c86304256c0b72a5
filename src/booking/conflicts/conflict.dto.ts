import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../schedule/page-query.dto.js';
import {
  CONFLICT_KINDS,
  RESOLUTIONS,
  RESOLVE_ACTIONS,
  type ConflictKind,
  type Resolution,
  type ResolveAction,
} from './conflict.js';

const STATES = ['open', 'resolved'] as const;

export class ConflictListQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    enum: STATES,
    default: 'open',
    description:
      '`open`: something is to be decided. `resolved`: it was, or they got out of each other’s way.',
  })
  @IsOptional()
  @IsIn(STATES)
  state: (typeof STATES)[number] = 'open';
}

export class ResolveConflictDto {
  @ApiProperty({
    enum: RESOLVE_ACTIONS,
    example: 'dismiss',
    description:
      '`dismiss`: both stay as they are. `cancel_booking`: the booking is cancelled. Of a booking whose event was moved also ' +
      '`keep_booking`: the event is moved back; and `accept_event`: the booking moves to it, if that time is free by now.',
  })
  @IsIn(RESOLVE_ACTIONS)
  action!: ResolveAction;
}

class ConflictBookingDto {
  @ApiProperty({ format: 'uuid', example: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50' })
  id!: string;

  @ApiProperty({ example: 'K7RQ4M' })
  reference!: string;

  @ApiProperty({ format: 'uuid', example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3' })
  resourceId!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T14:00:00-05:00' })
  startsAt!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T15:00:00-05:00' })
  endsAt!: string;
}

class ConflictEventDto {
  @ApiProperty({ description: 'Google’s id of the event.', example: '7cbh8rpc10lrc0ckih9tafss99' })
  id!: string;

  @ApiProperty({ format: 'uuid', example: '0b1f4c1e-52a4-4a0f-8a0c-8f2f3bb5f5d1' })
  calendarId!: string;

  @ApiProperty({
    format: 'date-time',
    nullable: true,
    type: String,
    example: '2027-01-20T14:30:00-05:00',
    description: 'Null for a time that could not be read.',
  })
  startsAt!: string | null;

  @ApiProperty({ format: 'date-time', nullable: true, type: String, example: '2027-01-20T15:30:00-05:00' })
  endsAt!: string | null;
}

export class ConflictDto {
  @ApiProperty({ format: 'uuid', example: '4b1c5a52-9f0e-4a3e-8b0f-0a2a6f7c1d11' })
  id!: string;

  @ApiProperty({
    enum: CONFLICT_KINDS,
    example: 'event_over_booking',
    description:
      '`event_over_booking`: an event of the owner’s is at the time of a booking. `booking_event_moved`: the owner has moved the ' +
      'event of a booking to where the booking could not follow it.',
  })
  kind!: ConflictKind;

  @ApiProperty({
    enum: ['booked', 'not_a_time'],
    nullable: true,
    type: String,
    example: null,
    description:
      'Why the booking could not follow its event: its resource is booked or held then, or the event is at no time that a booking can ' +
      'have, such as several days.',
  })
  reason!: 'booked' | 'not_a_time' | null;

  @ApiProperty({ type: ConflictBookingDto })
  booking!: ConflictBookingDto;

  @ApiProperty({ type: ConflictEventDto })
  event!: ConflictEventDto;

  @ApiProperty({
    enum: RESOLVE_ACTIONS,
    isArray: true,
    example: ['dismiss', 'cancel_booking'],
    description: 'What can be done about it.',
  })
  actions!: ResolveAction[];

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  detectedAt!: string;

  @ApiProperty({ format: 'date-time', nullable: true, type: String, example: null })
  resolvedAt!: string | null;

  @ApiProperty({ enum: RESOLUTIONS, nullable: true, type: String, example: null })
  resolution!: Resolution | null;
}

export class ConflictPageDto {
  @ApiProperty({ type: [ConflictDto], description: 'The oldest first.' })
  items!: ConflictDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
