import { ApiProperty } from '@nestjs/swagger';
import { ACCESS_ROLES } from './access-role.js';

const STATES = ['listed', 'gone', 'unverified', 'needs_reconnect'] as const;

export class ChoosableCalendarDto {
  @ApiProperty({
    format: 'uuid',
    example: '0d1f6b7c-58a4-4c5e-b6a1-6f2f6f0b3d21',
    description: 'What a resource names to read the calendar or to write to it.',
  })
  id!: string;

  @ApiProperty({
    format: 'uuid',
    example: '5b0c9f0e-2f5e-4b7a-9a55-0c8e6f1d2a34',
    description: 'The connected account whose list it is in.',
  })
  accountId!: string;

  @ApiProperty({ example: 'office@acme.example', description: 'The account’s address.' })
  accountEmail!: string;

  @ApiProperty({
    example: 'primary',
    description: 'Google’s id of the calendar; `primary` is the account’s own.',
  })
  googleId!: string;

  @ApiProperty({ example: 'office@acme.example', description: 'Its name in Google.' })
  summary!: string;

  @ApiProperty({ example: 'America/New_York', description: 'Its zone in Google.' })
  timezone!: string;

  @ApiProperty({
    type: String,
    example: 'owner',
    description: `What the account may do there, in Google’s words: ${ACCESS_ROLES.slice(0, -1)
      .map((role) => `\`${role}\``)
      .join(', ')}. \`none\`: it is no longer in the account’s list.`,
  })
  accessRole!: string;

  @ApiProperty({ example: true, description: 'Whether it is the account’s own calendar.' })
  isPrimary!: boolean;

  @ApiProperty({ example: true, description: 'Whether bookings can be written to it.' })
  canWrite!: boolean;

  @ApiProperty({
    example: true,
    description: 'Whether resources that have chosen no calendars read it for conflicts.',
  })
  readsConflicts!: boolean;

  @ApiProperty({
    example: true,
    description: 'Whether the bookings of resources that have chosen no calendars are written to it.',
  })
  writesBookings!: boolean;

  @ApiProperty({
    enum: STATES,
    example: 'listed',
    description:
      '`listed`: Google has just named it. `gone`: a resource has chosen it, and it is no longer in the account’s list. ' +
      '`unverified`: the account could not be asked in time. `needs_reconnect`: the account has to be connected again. With ' +
      'the last two, this is what was last known.',
  })
  state!: (typeof STATES)[number];
}
