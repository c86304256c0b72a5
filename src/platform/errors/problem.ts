import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';
import type { Failure } from './failure.js';

/** One field that was refused. */
export class ProblemField {
  @ApiProperty({ description: 'Where in the request, for example `weekly[2].end`.', example: 'name' })
  field!: string;

  @ApiProperty({ description: 'What is wrong with it, for a person.', example: 'is missing' })
  message!: string;
}

/** The body of every answer that refuses: a problem document (RFC 9457). */
export class Problem {
  @ApiProperty({
    description:
      'Names the kind of problem: `urn:receptionist-calendar:problem:` and the code. The same on every host.',
    example: 'urn:receptionist-calendar:problem:not_found',
  })
  type!: string;

  @ApiProperty({ description: 'The kind of problem in words, the same for each code.', example: 'Not found' })
  title!: string;

  @ApiProperty({ description: 'The HTTP status of this answer.', example: 404 })
  status!: number;

  @ApiProperty({
    description: 'What happened this time, for a person.',
    example: 'There is no such booking.',
  })
  detail!: string;

  @ApiProperty({
    description: 'The path that was asked for.',
    example: '/api/bookings/7c0d3c2e-3f0b-4f2a-9a53-0d8f9f1c6f10',
  })
  instance!: string;

  @ApiProperty({
    description: 'Stable: decide by this.',
    enum: Object.keys(ERROR_CODES),
    enumName: 'ErrorCode',
    example: 'not_found',
  })
  code!: ErrorCode;

  @ApiProperty({
    description:
      'The id of the request, also in `X-Request-Id` and in the logs. Quote it when asking for help.',
    example: '0f8fad5b-d9cb-469f-a165-70867728950e',
  })
  traceId!: string;

  @ApiPropertyOptional({ description: 'For bad input: every field that was refused.', type: [ProblemField] })
  errors?: readonly ProblemField[];
}

/** What a client is told of a failure. Never holds more than the failure's own words for the outside. */
export function problemOf(failure: Failure, instance: string, traceId: string): Problem {
  const { status, title } = ERROR_CODES[failure.code];
  return {
    ...failure.extensions,
    type: `urn:receptionist-calendar:problem:${failure.code}`,
    title,
    status,
    detail: failure.detail,
    instance,
    code: failure.code,
    traceId,
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
  };
}
