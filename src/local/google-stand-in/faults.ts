import { json, type Answer } from './answer.js';
import { ApiError } from './api-error.js';

/** Something that goes wrong on demand. Exactly one of the kinds must be given. */
export interface StandInFault {
  /** An operation's name, e.g. `events.insert`, `freebusy.query`, `token`, `revoke`; by default every one. */
  on?: string | RegExp;
  /** E-mail of the account whose requests fail. */
  account?: string;
  /** How many requests it meets; by default one. */
  times?: number;

  status?: number;
  reason?: string;
  retryAfter?: number | string;
  /** Never answers, until the stand-in stops, faults are cleared, or the client hangs up. */
  hang?: true;
  /** Answers as usual, but late. */
  delayMs?: number;
  /** Does the work and closes the connection without telling. */
  loseAnswer?: true;
  /** Closes the connection before doing anything. */
  drop?: true;
}

const kinds = ['status', 'hang', 'delayMs', 'loseAnswer', 'drop'] as const;

export class Faults {
  private waiting: { fault: StandInFault; left: number }[] = [];

  add(fault: StandInFault): void {
    const given = kinds.filter((kind) => fault[kind] !== undefined);
    if (given.length !== 1) throw new Error(`A fault has exactly one of ${kinds.join(', ')}.`);
    this.waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** A fault as JSON, from a person or another process; `times` may be "always". */
  addFromJson(value: unknown): void {
    const { times, ...rest } = value as Omit<StandInFault, 'times'> & { times?: number | 'always' };
    this.add({ ...rest, times: times === 'always' ? Infinity : times });
  }

  clear(): void {
    this.waiting = [];
  }

  list(): (StandInFault & { left: number })[] {
    return this.waiting.map(({ fault, left }) => ({ ...fault, on: fault.on && String(fault.on), left }));
  }

  /** The first fault that meets this request, used up by one. */
  take(operation: string, accountEmail: string | undefined): StandInFault | undefined {
    const met = this.waiting.find(({ fault: { on, account } }) => {
      const meansOperation =
        on === undefined || (typeof on === 'string' ? on === operation : on.test(operation));
      return meansOperation && (account === undefined || account.toLowerCase() === accountEmail);
    });
    if (!met) return undefined;
    met.left -= 1;
    if (met.left <= 0) this.waiting = this.waiting.filter((one) => one !== met);
    return met.fault;
  }
}

const usualReasons: Record<number, string> = {
  400: 'badRequest',
  401: 'authError',
  403: 'rateLimitExceeded',
  404: 'notFound',
  409: 'duplicate',
  410: 'deleted',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
};
const usualOAuthErrors: Record<number, string> = {
  400: 'invalid_grant',
  401: 'invalid_client',
  429: 'rate_limit_exceeded',
};

const messages: Record<string, string> = {
  rateLimitExceeded: 'Rate Limit Exceeded',
  userRateLimitExceeded: 'User Rate Limit Exceeded',
  quotaExceeded: 'Calendar usage limits exceeded.',
  backendError: 'Backend Error',
  authError: 'Invalid Credentials',
  notFound: 'Not Found',
  insufficientPermissions: 'Insufficient Permission',
  invalid_grant: 'Token has been expired or revoked.',
};

/** The error answer of a fault: OAuth's shape for the token endpoints, the Calendar API's for the rest. */
export function faultAnswer(operation: string, { status = 500, reason, retryAfter }: StandInFault): Answer {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (!operation.includes('.')) {
    const error = reason ?? usualOAuthErrors[status] ?? 'internal_failure';
    return json(status, { error, error_description: messages[error] ?? error }, headers);
  }
  const name = reason ?? usualReasons[status] ?? 'backendError';
  const domain = /quota|limit/i.test(name) ? 'usageLimits' : 'global';
  return new ApiError(status, name, messages[name] ?? name, { domain, headers }).answer();
}
