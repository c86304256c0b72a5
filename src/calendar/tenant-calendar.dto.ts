import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

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

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description:
      'Whether the account comes beside those that are connected (`true`) or takes their place. One that is among ' +
      'them is connected anew, and the others stay, in both cases.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  add?: 'true' | 'false';
}

export class AuthUrlDto {
  @ApiProperty({
    example:
      'https://calendar.example.com/api/tenant-calendar/start?access_type=offline&prompt=consent&scope=openid%20email',
    description:
      'Leads to Google’s consent page for this tenant, and binds it to the browser that opens it: open it in the owner’s browser, do not ' +
      'fetch it. Good for one use within ten minutes. Its parameters are those of Google’s page; only `state` counts.',
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

  @ApiProperty({
    example: true,
    description: 'Whether resources are not offered at times that are busy in it.',
  })
  readsConflicts!: boolean;

  @ApiProperty({ example: true, description: 'Whether bookings are written to it.' })
  writesBookings!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-21T14:00:00.000Z',
    description: 'As of when what blocks in it is known; null before the first time.',
  })
  lastReadAt!: Date | null;

  @ApiProperty({
    enum: ['fresh', 'stale', 'unknown'],
    example: 'fresh',
    description:
      '`fresh`: that is not longer ago than the organisation’s limit, and the calendar is not known to have changed since; `stale`: it is; `unknown` before the first time.',
  })
  freshness!: 'fresh' | 'stale' | 'unknown';

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description:
      'Why it could not be read the last time: a stable word such as `unavailable` or `calendar_gone`.',
  })
  syncFailure!: string | null;

  @ApiProperty({
    example: true,
    description: 'Whether Google tells of changes at once; if not, they are looked for.',
  })
  hasPush!: boolean;

  @ApiProperty({
    description:
      'Why this calendar cannot be kept in step as others are. `no_sync_token`: Google does not tell what changed since the last time, so all ' +
      'of it is listed each time. `free_busy_only`: the account may see when it is busy, and nothing else. Null: neither.',
    enum: ['no_sync_token', 'free_busy_only'],
    nullable: true,
    example: null,
  })
  limitation!: 'no_sync_token' | 'free_busy_only' | null;

  @ApiProperty({
    description:
      'How many events have times that cannot be read. Each blocks what its times tell (a date its whole day, a start the rest of its day); ' +
      'open them in Google Calendar and save them again.',
    example: 0,
  })
  unreadableEvents!: number;
}

export class AccountStatusDto {
  @ApiProperty({
    format: 'uuid',
    example: '5b0c9f0e-2f5e-4b7a-9a55-0c8e6f1d2a34',
    description: 'Names the account in this API.',
  })
  id!: string;

  @ApiProperty({ example: 'office@acme.example', description: 'Of the Google account.' })
  email!: string;

  @ApiProperty({
    enum: ['connected', 'needs_reconnect'],
    example: 'connected',
    description: '`needs_reconnect`: bookings go on, but only connecting again brings them to its calendars.',
  })
  state!: 'connected' | 'needs_reconnect';

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description:
      'Why it needs to be connected again: `grant_revoked`, `missing_scope`, Google’s own word such as `admin_policy_enforced`, or `forbidden` ' +
      'or `unauthorized` while Google refuses all of its calendars; that may end by itself.',
  })
  reason!: string | null;

  @ApiProperty({
    format: 'date-time',
    example: '2026-01-20T09:30:00.000Z',
    description: 'When the account was connected.',
  })
  connectedAt!: Date;

  @ApiProperty({ type: [ConnectedCalendarDto], description: 'Its calendars that count for some resource.' })
  calendars!: ConnectedCalendarDto[];
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
    description:
      'Why it needs to be connected again: `grant_revoked`, `missing_scope`, Google’s own word such as `admin_policy_enforced`, or `forbidden` ' +
      'or `unauthorized` while Google refuses all of its calendars; that may end by itself.',
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

  @ApiProperty({
    type: [AccountStatusDto],
    description: 'All connected accounts. The first is the default one, of which the other fields speak.',
  })
  accounts!: AccountStatusDto[];
}
