import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import { IsName } from './described-field.decorators.js';
import { IsLocalDate } from './local-date.validator.js';

export class HolidayDto {
  @ApiProperty({ description: 'Local date, from 2000 to 2199.', example: '2027-12-25' })
  @IsLocalDate()
  date!: string;

  @ApiProperty({ example: 'Christmas Day', minLength: 1, maxLength: 200 })
  @IsName()
  name!: string;
}

export class HolidaysDto {
  @ApiProperty({ type: [HolidayDto], description: 'Answered in the order of their dates.', maxItems: 500 })
  @IsArray()
  @ArrayMaxSize(500)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => HolidayDto)
  holidays!: HolidayDto[];
}
