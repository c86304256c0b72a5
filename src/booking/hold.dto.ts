import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AskedTimeDto } from './asked-time.dto.js';
import { IfGiven, IsWholeNumber } from './schedule/described-field.decorators.js';

export class CreateHoldDto extends AskedTimeDto {
  @ApiPropertyOptional({
    description: 'How long the time is held.',
    type: 'integer',
    minimum: 1,
    maximum: 900,
    default: 120,
    example: 120,
  })
  @IfGiven()
  @IsWholeNumber(1, 900)
  ttlSeconds: number = 120;
}

export class HoldDto {
  @ApiProperty({
    description:
      'Give it as `holdId` when booking, and the booking keeps it as its id; or when moving a booking.',
    format: 'uuid',
    example: '2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50',
  })
  id!: string;

  @ApiProperty({
    description: 'Until when nobody else gets the time.',
    format: 'date-time',
    example: '2027-01-18T15:06:05.000Z',
  })
  expiresAt!: string;

  @ApiProperty({
    description: 'The slot that was held.',
    example: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
  })
  slotId!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T14:00:00-05:00' })
  startsAt!: string;

  @ApiProperty({ format: 'date-time', example: '2027-01-20T15:00:00-05:00' })
  endsAt!: string;

  @ApiProperty({ format: 'uuid', example: '0b5e0c3e-5f0a-4d54-93d2-6e6b1a1f9a11' })
  serviceId!: string;

  @ApiProperty({
    description: 'Who is going to give it.',
    format: 'uuid',
    example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3',
  })
  resourceId!: string;
}
