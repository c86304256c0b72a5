import { json, type Answer } from './answer.js';

interface ErrorDetails {
  /** `global`, `usageLimits`, … as Google groups reasons. */
  domain?: string;
  location?: string;
  locationType?: 'parameter' | 'header';
  /** The message inside `errors[0]` where Google's differs from the outer one. */
  innerMessage?: string;
  /** The gRPC name Google adds for some failures, e.g. `UNAUTHENTICATED`. */
  grpcStatus?: string;
  /** The reasons of `error.details`, as the newer of Google's services give them. */
  details?: string[];
  headers?: Record<string, string>;
}

/** A refusal in the shape of the Calendar API: clients read `error.errors[0].reason`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
  }

  answer(): Answer {
    const {
      domain = 'global',
      location,
      locationType,
      innerMessage,
      grpcStatus,
      details,
      headers,
    } = this.details;
    const inner = {
      message: innerMessage ?? this.message,
      domain,
      reason: this.reason,
      location,
      locationType,
    };
    const error = {
      code: this.status,
      message: this.message,
      errors: [inner],
      status: grpcStatus,
      details: details?.map((reason) => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason })),
    };
    return json(this.status, { error }, headers);
  }
}

export function notFound(message = 'Not Found'): ApiError {
  return new ApiError(404, 'notFound', message);
}

export function badRequest(message: string, reason = 'badRequest'): ApiError {
  return new ApiError(400, reason, message);
}

export function required(name: string, message = `Required parameter: ${name}`): ApiError {
  return new ApiError(400, 'required', message, { location: name, locationType: 'parameter' });
}

export function invalidParameter(name: string, message: string): ApiError {
  return new ApiError(400, 'invalidParameter', message, { location: name, locationType: 'parameter' });
}
