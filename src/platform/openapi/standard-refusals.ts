import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { problemOf } from '../errors/problem.js';
import { type Operation, operationsOf } from './complete-operations.js';

type Responses = Operation['responses'];
type Response = NonNullable<Responses[string]>;

const MEDIA_TYPE = 'application/problem+json';
const TRACE_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

const DETAILS: Partial<Record<ErrorCode, string>> = {
  invalid_input: 'name: is missing',
  not_found: 'There is no such booking.',
  rate_limited: 'Too many requests. Wait as long as the header "Retry-After" says.',
  unavailable: 'The service cannot reach its data at the moment.',
};

/**
 * Adds to every operation the refusals that follow from what it is (its credential, its input, its path), and brings those
 * that a controller declares into the one form, so that no controller has to repeat either.
 */
export function addStandardRefusals(document: OpenAPIObject): void {
  for (const [path, operation] of operationsOf(document)) completeRefusals(path, operation);
}

function completeRefusals(path: string, operation: Operation): void {
  const responses: Responses = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response !== undefined)
      responses[status] = Number(status) >= 400 ? asProblem(path, Number(status), response) : response;
  }
  for (const code of standardCodes(path, operation)) {
    const { status } = ERROR_CODES[code];
    responses[status] ??= refusal(path, status, [code]);
  }
  operation.responses = responses;
}

function standardCodes(
  path: string,
  { security = [], requestBody, parameters = [] }: Operation,
): ErrorCode[] {
  const hasCredential = security.length > 0;
  // What is wrong with a voice platform's request is not told: it is not let in.
  const isConnections = hasCredential && security.every((scheme) => 'agent-connection' in scheme);
  const hasInput =
    requestBody !== undefined ||
    parameters.some((parameter) => 'in' in parameter && parameter.in === 'query');
  return [
    ...(hasInput ? (['invalid_input'] as const) : []),
    ...(hasCredential ? (['unauthenticated'] as const) : []),
    ...(hasCredential && !isConnections ? (['insufficient_scope'] as const) : []),
    ...(path.includes('{') && !isConnections ? (['not_found'] as const) : []),
    ...(path.startsWith('/health/') ? [] : (['rate_limited'] as const)),
    'unavailable',
  ];
}

/** What a controller declares names codes in its examples; without any, the usual code of the status is meant. */
function asProblem(path: string, status: number, response: Response): Response {
  const content = 'content' in response ? (response.content ?? {}) : {};
  // A page for a person in a browser.
  if ('text/html' in content) return response;
  const examples = Object.values(content).flatMap(({ example, examples: named }) => [
    example as unknown,
    ...Object.values(named ?? {}).map((entry) => ('value' in entry ? (entry.value as unknown) : undefined)),
  ]);
  const codes = examples
    .map(codeIn)
    .filter((code) => code !== undefined && ERROR_CODES[code].status === status);
  const usual = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(
    (code) => ERROR_CODES[code].status === status,
  );
  const known = codes.length > 0 ? (codes as ErrorCode[]) : usual.slice(0, 1);
  const complete = refusal(
    path,
    status,
    known,
    examples.filter((example) => codeIn(example) !== undefined),
  );
  const description =
    'description' in response && response.description !== '' ? response.description : undefined;
  return { ...complete, ...(description === undefined ? {} : { description }) };
}

function codeIn(example: unknown): ErrorCode | undefined {
  const { code } = (example ?? {}) as { code?: string };
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}

function refusal(
  path: string,
  status: number,
  codes: readonly ErrorCode[],
  given: readonly unknown[] = [],
): Response {
  const examples = [...new Set(codes)].map((code) => {
    const example = given.find((candidate) => codeIn(candidate) === code) as
      Record<string, unknown> | undefined;
    const { detail, errors, ...others } = example ?? {};
    const extensions = Object.fromEntries(
      Object.entries(others).filter(([name]) => !STANDARD_MEMBERS.has(name)),
    );
    const usualErrors = code === 'invalid_input' ? [{ field: 'name', message: 'is missing' }] : undefined;
    const failure = {
      code,
      detail: typeof detail === 'string' ? detail : (DETAILS[code] ?? `${ERROR_CODES[code].title}.`),
      errors: (errors as typeof usualErrors) ?? usualErrors,
      extensions,
      unexpected: false,
    };
    return [code, { value: problemOf(failure, path, TRACE_ID) }] as const;
  });
  return {
    description: [...new Set(codes)].map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(' '),
    ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
    content: {
      [MEDIA_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

const STANDARD_MEMBERS = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'traceId',
  'errors',
]);

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before trying again.',
    schema: { type: 'integer' as const, example: 5 },
  },
};
