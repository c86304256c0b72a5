import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsUrl, MaxLength } from 'class-validator';
import { IsPhone, toNumber } from '../phone.validator.js';
import { IsOneLine, IsProse, OrNull } from '../schedule/described-field.decorators.js';
import type { BusinessInfo } from './business-info.js';

const ADDRESS = {
  description: 'As it is said to callers, in one line.',
  maxLength: 500,
  example: '12 Main Street, Springfield',
};
const PHONE = {
  description: 'With country code; stored in E.164.',
  maxLength: 40,
  example: '+14155550100',
};
const EMAIL = { maxLength: 320, example: 'hello@example.com' };
const WEBSITE = {
  description: 'For agents that can show or send it; it is not read out.',
  maxLength: 500,
  example: 'https://www.example.com',
};
const NOTE = {
  description: 'Whatever else callers ask for: parking, what to bring. Given to the agent as it is.',
  maxLength: 1000,
  example: 'Parking is behind the house. Please bring the insurance card.',
};

/** Replaces all of it: what is left out, or null, is not known from then on. */
export class ReplaceBusinessInfoDto {
  @ApiPropertyOptional({ ...ADDRESS, type: String, nullable: true })
  @OrNull()
  @IsOneLine(500)
  address?: string | null;

  @ApiPropertyOptional({ ...PHONE, type: String, nullable: true })
  @OrNull()
  @Transform(toNumber)
  @IsPhone()
  phone?: string | null;

  @ApiPropertyOptional({ ...EMAIL, type: String, nullable: true })
  @OrNull()
  @IsEmail()
  @MaxLength(320)
  email?: string | null;

  @ApiPropertyOptional({ ...WEBSITE, type: String, nullable: true })
  @OrNull()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true })
  @MaxLength(500)
  website?: string | null;

  @ApiPropertyOptional({ ...NOTE, type: String, nullable: true })
  @OrNull()
  @IsProse(1000)
  note?: string | null;
}

export class BusinessInfoDto implements BusinessInfo {
  @ApiProperty({ ...ADDRESS, type: String, nullable: true })
  address!: string | null;

  @ApiProperty({ ...PHONE, type: String, nullable: true })
  phone!: string | null;

  @ApiProperty({ ...EMAIL, type: String, nullable: true })
  email!: string | null;

  @ApiProperty({ ...WEBSITE, type: String, nullable: true })
  website!: string | null;

  @ApiProperty({ ...NOTE, type: String, nullable: true })
  note!: string | null;
}
