import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { IsId } from './schedule/described-field.decorators.js';
import { IsInstant } from './instant.validator.js';
import { Optional } from './optional.decorator.js';

/** How a request says which time it means. */
export class AskedTimeDto {
  @ApiPropertyOptional({
    description: 'A slot that was offered. Give either this or `startsAt`.',
    example: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
    maxLength: 100,
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
  @Optional()
  @IsId()
  serviceId?: string;

  @ApiPropertyOptional({
    description: 'Default: any resource that is free.',
    format: 'uuid',
    example: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3',
  })
  @Optional()
  @IsId()
  resourceId?: string;
}
