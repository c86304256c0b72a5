import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable, isUnstorableText } from './database-failure.js';
import { DomainError, type DomainErrorDetails } from './domain-error.js';
import type { ErrorCode } from './error-codes.js';

/** What went wrong, in words for the outside, and whether it is news to us. */
export interface Failure extends DomainErrorDetails {
  code: ErrorCode;
  detail: string;
  /** Nobody foresaw it, so its stack belongs in the log. */
  unexpected: boolean;
}

/** Errors that Fastify raises before a handler runs, by its code. */
const FASTIFY_DETAILS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as the header "Content-Length" says.',
  FST_ERR_BAD_URL: 'The path is not properly encoded.',
  FST_ERR_MAX_PARAM_LENGTH: 'The path is too long.',
};

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'insufficient_scope',
  404: 'not_found',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
};

const DETAIL_OF_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthenticated: 'Send a valid credential: "Authorization: Bearer <key>".',
  insufficient_scope: 'The credential does not allow this.',
  not_found: 'There is nothing at this address.',
  body_too_large: 'The body is larger than this address takes.',
  unsupported_media_type: 'The body must be JSON, with the header "Content-Type: application/json".',
  conflict: 'The request conflicts with the present state.',
  rate_limited: 'Too many requests. Wait as long as the header "Retry-After" says.',
};

/**
 * Classifies whatever was thrown. Expected refusals (`DomainError`) speak for themselves; what the HTTP framework raises is
 * brought down to the few statuses of the contract; of anything else the client learns only that it may try again.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof DomainError) {
    return { ...error.details, code: error.code, detail: error.detail, unexpected: false };
  }
  if (isDatabaseUnavailable(error)) {
    return {
      code: 'unavailable',
      detail: 'The service cannot reach its data at the moment.',
      retryAfterSeconds: 2,
      unexpected: true,
    };
  }
  if (isUnstorableText(error)) return malformed('A text holds a character that cannot be stored.');
  const status = error instanceof HttpException ? error.getStatus() : frameworkStatus(error);
  if (status !== undefined && status >= 400 && status < 500) return refusalBy(status, error);
  return {
    code: 'unavailable',
    detail: 'Something went wrong on our side. Try again; if it stays, ask for help with the trace id.',
    unexpected: true,
  };
}

function refusalBy(status: number, error: unknown): Failure {
  const code = CODE_OF_STATUS[status];
  if (code !== undefined) {
    const retryAfterSeconds = code === 'rate_limited' ? retryAfterOf(error) : undefined;
    return { code, detail: DETAIL_OF_CODE[code] ?? 'Refused.', retryAfterSeconds, unexpected: false };
  }
  return malformed(FASTIFY_DETAILS[codeOf(error) ?? ''] ?? 'The request could not be read.');
}

function malformed(detail: string): Failure {
  return { code: 'malformed_request', detail, unexpected: false };
}

/** Only errors that Fastify made may speak by `statusCode`: those of HTTP clients carry a status that is not ours. */
function frameworkStatus(error: unknown): number | undefined {
  const isFrameworks =
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    (codeOf(error)?.startsWith('FST_') === true || error instanceof SyntaxError);
  return isFrameworks ? (error as Error & { statusCode: number }).statusCode : undefined;
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof Error && 'retryAfterSeconds' in error ? Number(error.retryAfterSeconds) : undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
