import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateIf } from 'class-validator';
import { TENANT_LIMITS, type TenantLimits } from './tenant-limits.js';

const DESCRIPTIONS: Record<keyof TenantLimits, string> = {
  maxHoldsPerConversation:
    'How many times one conversation with an agent may hold at once. When it holds another, its oldest hold ends.',
  maxHoldsPerNumber: 'How many times one calling number may hold at once, over all its conversations.',
  maxHoldsPerKey:
    'How many times one credential (API key, agent connection, dashboard user) may hold at once.',
  maxBookingsPerConversation: 'How many bookings to come one conversation with an agent may have made.',
  maxBookingsPerNumber:
    'How many bookings to come an agent may have made for one calling number. Raise it where all calls arrive from one ' +
    'number, such as a switchboard’s.',
};

function described(limit: keyof TenantLimits) {
  const { usual, least, most } = TENANT_LIMITS[limit];
  const type = 'integer' as const;
  return { type, example: usual, minimum: least, maximum: most, description: DESCRIPTIONS[limit] };
}

/** May be left out, but not be null. */
function LimitIfGiven(limit: keyof TenantLimits): PropertyDecorator {
  const { usual, least, most } = TENANT_LIMITS[limit];
  return applyDecorators(
    ApiPropertyOptional({ ...described(limit), description: `${DESCRIPTIONS[limit]} Usually ${usual}.` }),
    ValidateIf((_dto, value) => value !== undefined),
    IsInt(),
    Min(least),
    Max(most),
  );
}

export class ChangeTenantLimitsDto implements Partial<TenantLimits> {
  @LimitIfGiven('maxHoldsPerConversation')
  maxHoldsPerConversation?: number;

  @LimitIfGiven('maxHoldsPerNumber')
  maxHoldsPerNumber?: number;

  @LimitIfGiven('maxHoldsPerKey')
  maxHoldsPerKey?: number;

  @LimitIfGiven('maxBookingsPerConversation')
  maxBookingsPerConversation?: number;

  @LimitIfGiven('maxBookingsPerNumber')
  maxBookingsPerNumber?: number;
}

export class TenantLimitsDto implements TenantLimits {
  @ApiProperty(described('maxHoldsPerConversation'))
  maxHoldsPerConversation!: number;

  @ApiProperty(described('maxHoldsPerNumber'))
  maxHoldsPerNumber!: number;

  @ApiProperty(described('maxHoldsPerKey'))
  maxHoldsPerKey!: number;

  @ApiProperty(described('maxBookingsPerConversation'))
  maxBookingsPerConversation!: number;

  @ApiProperty(described('maxBookingsPerNumber'))
  maxBookingsPerNumber!: number;
}
