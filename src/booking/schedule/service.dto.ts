import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { IfGiven, IsIdList, IsName, IsProse, IsWholeNumber, OrNull } from './described-field.decorators.js';

// The limits are those of the table's constraints.
const NAME = { description: 'What callers know it by.', example: 'Check-up', minLength: 1, maxLength: 200 };
const DURATION = whole(1, 1440, 45, 'Length of the appointment, as the customer knows it.');
const BUFFER_BEFORE = whole(
  0,
  480,
  0,
  'Time kept free of other appointments before it. May lie outside of hours.',
);
const BUFFER_AFTER = whole(0, 480, 15, 'Time kept free after it. Buffers of neighbours are not shared.');
const STEP = whole(
  1,
  1440,
  15,
  'How far apart starts are, counted from the beginning of each working interval.',
);
const NOTICE = whole(0, 525_600, 120, 'Least time from now to the start.');
const ADVANCE = whole(1, 730, 90, 'Last date that can be booked, in days after today.');
const MOST_A_DAY = {
  ...whole(1, 1000, 8, 'Most bookings on one local date, over all its resources; null for no limit.'),
  nullable: true,
};
const RESOURCES = {
  type: String,
  isArray: true,
  description: 'The resources that give it. With an empty list nobody does, and it is not offered.',
  maxItems: 200,
  example: ['6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3'],
};
const DESCRIPTION = {
  type: String,
  nullable: true,
  description: 'Text for the agent: what it is, and for whom.',
  example: 'Routine examination and cleaning, for patients who have been here before.',
  maxLength: 1000,
};
const ACTIVE = { description: 'One that is not stays in this list and is not offered.', example: true };

function whole(minimum: number, maximum: number, example: number, description: string) {
  return { type: 'integer' as const, minimum, maximum, example, description };
}

export class CreateServiceDto {
  @ApiProperty(NAME)
  @IsName()
  name!: string;

  @ApiProperty(DURATION)
  @IsWholeNumber(1, 1440)
  durationMinutes!: number;

  @ApiPropertyOptional({ ...BUFFER_BEFORE, default: 0 })
  @IfGiven()
  @IsWholeNumber(0, 480)
  bufferBeforeMinutes?: number;

  @ApiPropertyOptional({ ...BUFFER_AFTER, default: 0 })
  @IfGiven()
  @IsWholeNumber(0, 480)
  bufferAfterMinutes?: number;

  @ApiPropertyOptional({ ...STEP, description: `${STEP.description} Default: the duration.` })
  @IfGiven()
  @IsWholeNumber(1, 1440)
  slotStepMinutes?: number;

  @ApiPropertyOptional({ ...NOTICE, default: 0 })
  @IfGiven()
  @IsWholeNumber(0, 525_600)
  minNoticeMinutes?: number;

  @ApiPropertyOptional({ ...ADVANCE, default: 365 })
  @IfGiven()
  @IsWholeNumber(1, 730)
  maxAdvanceDays?: number;

  @ApiPropertyOptional({ ...MOST_A_DAY, default: null })
  @OrNull()
  @IsWholeNumber(1, 1000)
  maxPerDay?: number | null;

  @ApiPropertyOptional({ ...RESOURCES, description: `${RESOURCES.description} Default: every active one.` })
  @IfGiven()
  @IsIdList(200)
  resourceIds?: string[];

  @ApiPropertyOptional({ ...DESCRIPTION, default: null })
  @OrNull()
  @IsProse(1000)
  description?: string | null;

  @ApiPropertyOptional({ ...ACTIVE, default: true })
  @IfGiven()
  @IsBoolean()
  active?: boolean;
}

/** What is left out stays as it is. */
export class UpdateServiceDto extends PartialType(CreateServiceDto, { skipNullProperties: false }) {}

export class ServiceDto {
  @ApiProperty({ format: 'uuid', example: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11' })
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty(DURATION)
  durationMinutes!: number;

  @ApiProperty(BUFFER_BEFORE)
  bufferBeforeMinutes!: number;

  @ApiProperty(BUFFER_AFTER)
  bufferAfterMinutes!: number;

  @ApiProperty(STEP)
  slotStepMinutes!: number;

  @ApiProperty(NOTICE)
  minNoticeMinutes!: number;

  @ApiProperty(ADVANCE)
  maxAdvanceDays!: number;

  @ApiProperty(MOST_A_DAY)
  maxPerDay!: number | null;

  @ApiProperty(RESOURCES)
  resourceIds!: string[];

  @ApiProperty(DESCRIPTION)
  description!: string | null;

  @ApiProperty(ACTIVE)
  active!: boolean;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  createdAt!: Date;

  @ApiProperty({ format: 'date-time', example: '2027-01-18T15:04:05.000Z' })
  updatedAt!: Date;
}

export class ServicePageDto {
  @ApiProperty({ type: [ServiceDto], description: 'Oldest first.' })
  items!: ServiceDto[];

  @ApiProperty({ description: 'Null on the last page.', nullable: true, type: String, example: null })
  nextCursor!: string | null;
}
