import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../platform/errors/error-codes.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Documents that a route may answer with these problems (RFC 9457), each with an example. */
export function ApiRefusals(
  ...codes: readonly [ErrorCode, ...ErrorCode[]]
): MethodDecorator & ClassDecorator {
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, sameStatus]) =>
      ApiResponse({
        status,
        description: sameStatus.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(' '),
        content: {
          'application/problem+json': {
            schema: { type: 'object' },
            examples: Object.fromEntries(sameStatus.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      }),
    ),
  );
}

function exampleOf(code: ErrorCode): object {
  const { status, title } = ERROR_CODES[code];
  return { type: `/problems/${code}`, title, status, detail: `${title}.`, code, traceId: TRACE_ID };
}
