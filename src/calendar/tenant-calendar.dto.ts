import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class AuthUrlQueryDto {
  @ApiPropertyOptional({
    description:
      'Where the owner is sent back to, with `calendar=connected`, or `calendar=error` and a `reason`. At an origin that ' +
      '`DASHBOARD_URL` allows. Left out: a small page says how it went.',
    maxLength: 2048,
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  returnTo?: string;
}

export class AuthUrlDto {
  @ApiProperty({
    example:
      'https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent&scope=openid%20email',
    description: 'Google’s consent page for this tenant. Good for one use within ten minutes.',
  })
  authUrl!: string;
}

export class ConnectedCalendarDto {
  @ApiProperty({
    example: 'primary',
    description: 'Google’s id of the calendar; `primary` is the account’s own.',
  })
  id!: string;

  @ApiProperty({ example: 'office@acme.example', description: 'Its name in Google.' })
  summary!: string;

  @ApiProperty({ example: 'America/New_York', description: 'Its IANA zone in Google.' })
  timezone!: string;

  @ApiProperty({ example: true, description: 'Whether times that are busy in it are not offered.' })
  readsConflicts!: boolean;

  @ApiProperty({ example: true, description: 'Whether bookings are written to it.' })
  writesBookings!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-21T14:00:00.000Z',
    description: 'When its busy times were last read; null before the first time.',
  })
  lastReadAt!: Date | null;
}

export class CalendarStatusDto {
  @ApiProperty({ example: true, description: 'Whether the calendar can be read and written.' })
  connected!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'office@acme.example',
    description: 'Of the Google account; null when there is none.',
  })
  email!: string | null;

  @ApiProperty({
    enum: ['connected', 'needs_reconnect', 'disconnected'],
    example: 'connected',
    description: '`needs_reconnect`: bookings go on, but only connecting again brings them to the calendar.',
  })
  state!: 'connected' | 'needs_reconnect' | 'disconnected';

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why it needs to be connected again: `grant_revoked` or `missing_scope`.',
  })
  reason!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-20T09:30:00.000Z',
    description: 'When the account was connected.',
  })
  connectedAt!: Date | null;

  @ApiProperty({ type: [ConnectedCalendarDto], description: 'The calendars of the account that count.' })
  calendars!: ConnectedCalendarDto[];
}
