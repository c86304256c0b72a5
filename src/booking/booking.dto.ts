import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, Matches, MaxLength } from 'class-validator';
import { invalidInput } from '../platform/errors/domain-error.js';
import { AskedTimeDto } from './asked-time.dto.js';
import { BOOKING_STATUSES, type BookingSource, type BookingStatus } from './booking.js';
import { IsId, IsName, OrNull } from './schedule/described-field.decorators.js';
import { Optional } from './optional.decorator.js';
import { EXTENSION, toPhone } from './phone.js';
import { IsPhone, toNumberWithExtension } from './phone.validator.js';

const EMAIL = { example: 'ana@example.com', maxLength: 254 };
const PHONE_EXTENSION = { example: '12', pattern: EXTENSION.source, maxLength: 20 };
const IsExtension = () => Matches(EXTENSION, { message: '$property must be 1 to 20 digits' });
const PURPOSE = { description: 'What it is about.', example: 'Check-up', maxLength: 1000 };

export class CreateBookingDto extends AskedTimeDto {
  @ApiPropertyOptional({
    description: 'A hold that is to become this booking; its time need not be said again.',
    format: 'uuid',
    example: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
  })
  @Optional()
  @IsId()
  holdId?: string;

  @ApiProperty({ description: 'Who comes.', example: 'Ana Flores', maxLength: 200 })
  @IsName()
  name!: string;

  @ApiProperty({
    description:
      'With country code; stored as E.164. An extension may follow (`ext. 12`, `x12`, `interno 12`, `anexo 12`, `;ext=12`) ' +
      'and becomes `phoneExtension`.',
    example: '+14155550123',
    maxLength: 64,
  })
  @Transform(toNumberWithExtension)
  @IsPhone({ extension: true })
  phone!: string;

  @ApiPropertyOptional({ ...PHONE_EXTENSION, description: 'Instead of an extension in `phone`.' })
  @Optional()
  @IsExtension()
  phoneExtension?: string;

  @ApiPropertyOptional(EMAIL)
  @Optional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @ApiPropertyOptional(PURPOSE)
  @Optional()
  @IsString()
  @MaxLength(1000)
  purpose?: string;
}

interface WithPhone {
  phone?: string;
  phoneExtension?: string | null;
}

/**
 * Parts the extension in `phone` from the number. Where there is none nothing is added, so that the request stays the same for
 * its idempotency key.
 * @throws DomainError `invalid_input` where the extension is given twice, and differently
 */
export function withoutExtensionInPhone<Body extends WithPhone>(body: Body): Body {
  const { number, extension } = (body.phone === undefined ? undefined : toPhone(body.phone)) ?? {};
  const parted: Body = { ...body, phone: number };
  if (extension !== undefined) {
    if (body.phoneExtension !== undefined && body.phoneExtension !== extension) {
      throw invalidInput({ field: 'phoneExtension', message: 'must be the extension in phone, or left out' });
    }
    parted.phoneExtension = extension;
  }
  if (parted.phoneExtension === undefined) delete parted.phoneExtension;
  return parted;
}

/** What is left out stays as it is. */
export class EditBookingDto extends PartialType(PickType(CreateBookingDto, ['name', 'phone'] as const), {
  skipNullProperties: false,
}) {
  @ApiPropertyOptional({
    ...PHONE_EXTENSION,
    type: String,
    nullable: true,
    description:
      'Null takes it away. Another `phone` replaces it, or takes it away where it has none; the same one without an ' +
      'extension leaves it.',
  })
  @OrNull()
  @IsExtension()
  phoneExtension?: string | null;

  @ApiPropertyOptional({ ...EMAIL, type: String, nullable: true, description: 'Null takes it away.' })
  @OrNull()
  @IsEmail()
  @MaxLength(254)
  email?: string | null;

  @ApiPropertyOptional({
    ...PURPOSE,
    type: String,
    nullable: true,
    description: `${PURPOSE.description} Null takes it away.`,
  })
  @OrNull()
  @IsString()
  @MaxLength(1000)
  purpose?: string | null;
}

/** The service stays the same. */
export class RescheduleBookingDto extends PickType(AskedTimeDto, [
  'slotId',
  'startsAt',
  'resourceId',
] as const) {
  @ApiPropertyOptional({
    description:
      'A hold of the same service: the booking moves to its time and resource, which need not be said again.',
    format: 'uuid',
    example: '9a8c1d52-7f0e-4c1b-8f43-2f6b7d0c5e14',
  })
  @Optional()
  @IsId()
  holdId?: string;
}

export class CancelBookingDto {
  @ApiPropertyOptional({ example: 'The caller cannot come.', maxLength: 500 })
  @Optional()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

class BookingCalendarDto {
  @ApiProperty({
    description: 'How far the connected calendar has this booking.',
    enum: ['not_connected', 'pending', 'synced', 'failed'],
    example: 'synced',
  })
  status!: 'not_connected' | 'pending' | 'synced' | 'failed';

  @ApiProperty({
    description:
      'Why it is not there yet or, where it is, what is not as it should be: a stable word such as `needs_reconnect`, `forbidden`, ' +
      '`no_meet_link`, `guest_refused` (the event is there without its guest) or `old_event_remains`.',
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

  @ApiProperty({
    description: 'To be dialled once the number has answered.',
    nullable: true,
    type: String,
    example: null,
  })
  phoneExtension!: string | null;

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
