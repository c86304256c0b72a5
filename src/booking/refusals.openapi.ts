import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../platform/errors/error-codes.js';

const alternatives = [
  {
    slotId: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
    startsAt: '2027-01-20T15:00:00-05:00',
    endsAt: '2027-01-20T16:00:00-05:00',
    resourceId: '6a0d1d50-1d7e-4a51-8d0d-6dc3a3b0f6c3',
  },
];

/** What an answer says beside its code, where the code alone does not tell. */
const EXAMPLES: Readonly<Partial<Record<ErrorCode, object>>> = {
  slot_taken: { detail: 'This time is already taken.', alternatives },
  outside_availability: {
    detail: 'This day has as many bookings as it may have.',
    reason: 'day_full',
    alternatives,
  },
  not_found: { detail: 'There is no such service.' },
};

/** Describes refusals that do not follow from what a route is, by their codes. */
export function ApiRefusals(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, ofStatus]) => {
      const examples = ofStatus.map((code) => [code, { value: { ...EXAMPLES[code], code } }] as const);
      return ApiResponse({
        status,
        content: { 'application/problem+json': { examples: Object.fromEntries(examples) } },
      });
    }),
  );
}
