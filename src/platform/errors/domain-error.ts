import type { ErrorCode } from './error-codes.js';

/** One field that was refused, by its name in the request, and why. */
export interface FieldProblem {
  field: string;
  message: string;
}

export interface DomainErrorDetails {
  errors?: readonly FieldProblem[];
  /** When to try again, in seconds. */
  retryAfterSeconds?: number;
  /** Members added to the problem document, for example `alternatives`. */
  extensions?: Readonly<Record<string, unknown>>;
}

/**
 * An expected refusal: something that a client can understand and act on. Knows no HTTP; one filter turns it into a problem
 * document. `detail` is a sentence for a person and never holds a secret or another tenant's data.
 */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly details: DomainErrorDetails = {},
  ) {
    super(detail);
    this.name = 'DomainError';
  }
}

/** What is not there, or belongs to another tenant: the two look the same. */
export function notFound(what: string): DomainError {
  return new DomainError('not_found', `There is no such ${what}.`);
}

export function invalidInput(...errors: FieldProblem[]): DomainError {
  return new DomainError('invalid_input', errors.map((e) => `${e.field}: ${e.message}`).join('; '), {
    errors,
  });
}
