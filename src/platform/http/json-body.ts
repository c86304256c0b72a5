import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { repeatedMembers } from './repeated-members.js';
import { optionsOf, RouteOption } from './route-options.js';

/** Deeper than any request of ours, shallower than any stack. */
const DEEPEST = 32;
/** More than any object that is sent to us has; reading a body looks at the names of its members several times. */
const MOST_MEMBERS = 1_000;

/**
 * For routes that answer whatever comes with a sentence of their own: what is not JSON reaches the handler as its text, and
 * names that occur twice in the JSON as `request.repeatedMembers`.
 */
export function TakesAnyBody(): MethodDecorator {
  return RouteOption({ takesAnyBody: true });
}

/**
 * Reads a body as the request's route takes it.
 * @throws DomainError `malformed_request`, `unsupported_media_type`, `body_too_large`
 */
export function readBody(request: FastifyRequest, text: string): unknown {
  const { takesAnyBody } = optionsOf(request);
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '');
  if (!isJson && takesAnyBody !== true) {
    throw new DomainError(
      'unsupported_media_type',
      'The body must be JSON, with the header "Content-Type: application/json".',
    );
  }
  let body: unknown;
  try {
    body = parseJsonBody(text);
  } catch (error) {
    if (takesAnyBody === true && !isTooLarge(error)) return text;
    throw error;
  }
  const [repeated, ...others] = typeof body === 'object' ? repeatedMembers(text) : [];
  if (repeated === undefined) return body;
  if (takesAnyBody !== true) throw malformed(`The body has the member "${repeated}" twice in one object.`);
  request.repeatedMembers = [repeated, ...others];
  return body;
}

/**
 * Parses a JSON body. Nothing at all counts as no body, since clients send `Content-Type: application/json` with requests
 * that have none. Members that would reach into prototypes are refused.
 */
function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
  checkNesting(value);
  return value;
}

/** The JSON that a text is; the text itself where it is none, as for routes that take any body. */
export function parseJson(text: string): unknown {
  try {
    return parseJsonBody(text);
  } catch {
    return text;
  }
}

/** Level by level rather than recursively: the sender decides how deep the value is. */
function checkNesting(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw malformed(`The body is nested more than ${DEEPEST} levels deep.`);
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (Object.hasOwn(item, '__proto__')) throw malformed('The body has a member named "__proto__".');
      const members = Object.values(item);
      if (!Array.isArray(item) && members.length > MOST_MEMBERS) {
        throw new DomainError(
          'body_too_large',
          `An object in the body has more than ${MOST_MEMBERS} members.`,
        );
      }
      for (const member of members) next.push(member);
    }
    level = next;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'body_too_large';
}

function malformed(detail: string): DomainError {
  return new DomainError('malformed_request', detail);
}
