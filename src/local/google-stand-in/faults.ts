import { json, type Answer } from './answer.js';
import { ApiError } from './api-error.js';

/** Something that goes wrong on demand. Exactly one of the kinds must be given. */
export interface StandInFault {
  /** An operation's name, e.g. `events.insert`, `freebusy.query`, `token`, `revoke`; by default every one. */
  on?: string | RegExp;
  /** E-mail of the account whose requests fail. */
  account?: string;
  /** How many requests it meets; by default one, with a `share` all. */
  times?: number;
  /** Meets this proportion of the requests only, from 0 to 1: with the same `seed` the same ones. */
  share?: number;
  seed?: number;

  status?: number;
  reason?: string;
  /** What Google says beside the reason. */
  message?: string;
  /** Further reasons, as the newer of Google's services give them: `error.details[].reason`. */
  details?: string[];
  retryAfter?: number | string;
  /** Answers `status` (200 where none is given) with this and not in Google's shape, as a proxy or a hotel's network does. */
  body?: string;
  /** Of `body`; by default told from how it begins. */
  contentType?: string;
  /** Makes another event than the one that is asked for: `events.insert` does not heed the id. */
  ignoreId?: true;
  /** Never answers, until the stand-in stops, faults are cleared, or the client hangs up. */
  hang?: true;
  /** Answers as usual, but late. */
  delayMs?: number;
  /** Does the work and closes the connection without telling. */
  loseAnswer?: true;
  /** Closes the connection before doing anything. */
  drop?: true;
}

const kinds = ['status', 'body', 'hang', 'delayMs', 'loseAnswer', 'drop', 'ignoreId'] as const;

interface WaitingFault {
  fault: StandInFault;
  left: number;
  /** From 0 to 1, another one each time. */
  random: () => number;
}

export class Faults {
  private waiting: WaitingFault[] = [];

  add(fault: StandInFault): void {
    const given = kinds.filter((kind) => fault[kind] !== undefined);
    const isAnswer = given.join() === 'status,body';
    if (given.length !== 1 && !isAnswer) throw new Error(`A fault has exactly one of ${kinds.join(', ')}.`);
    const left = fault.times ?? (fault.share === undefined ? 1 : Infinity);
    this.waiting.push({ fault, left, random: numbersFrom(fault.seed ?? 1) });
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
    const met = this.waiting.find(({ fault: { on, account, share }, random }) => {
      const meansOperation =
        on === undefined || (typeof on === 'string' ? on === operation : on.test(operation));
      if (!meansOperation || (account !== undefined && account.toLowerCase() !== accountEmail)) return false;
      return share === undefined || random() < share;
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

/** mulberry32 */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The answer of a fault: as it is said or, by its status, in OAuth's shape for the token endpoints and the Calendar API's for the rest. */
export function faultAnswer(operation: string, fault: StandInFault): Answer {
  const { body, status = body === undefined ? 500 : 200, reason, retryAfter, message, details } = fault;
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (body !== undefined) {
    const usual = /^\s*[[{]/.test(body) ? 'application/json' : 'text/html';
    return { status, headers: { ...headers, 'content-type': fault.contentType ?? usual }, text: body };
  }
  if (!operation.includes('.')) {
    const error = reason ?? usualOAuthErrors[status] ?? 'internal_failure';
    return json(status, { error, error_description: message ?? messages[error] ?? error }, headers);
  }
  const name = reason ?? usualReasons[status] ?? 'backendError';
  const domain = /quota|limit/i.test(name) ? 'usageLimits' : 'global';
  return new ApiError(status, name, message ?? messages[name] ?? name, { domain, headers, details }).answer();
}
