/** What stands in a log line where a secret stood. */
const REDACTED = '[redacted]';

/** Names of members whose value is never logged, in lower case and without separators. */
const SECRET_NAMES = new Set([
  'key',
  'keys',
  'jwt',
  'bearer',
  'credentials',
  'codeverifier',
  'setcookie',
  'idempotencykey',
]);
const SECRET_ENDINGS =
  /(token|tokens|secret|secrets|password|passwd|authorization|cookie|cookies|apikey|privatekey|encryptionkey|ciphertext|databaseurl|connectionstring)$/;
/** A caller's own data: not secret, but no business of a log. */
const PERSONAL_NAMES = new Set(['phone', 'phoneextension', 'email', 'customername', 'purpose']);
/** `code` is an OAuth code or an error's code; the latter is a word, a number or an SQLSTATE. */
const ERROR_CODE = /^([A-Za-z_]{1,48}|[0-9A-Z]{5}|[A-Z][A-Z0-9_]{2,48}|\d{1,6})$/;

const DEEPEST = 6;
const MOST_ITEMS = 50;
const LONGEST_TEXT = 8_000;

/** A copy of `value` fit for a log: no secrets by name, errors without what HTTP clients hang on them, bounded in size. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '…';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return '[binary]';
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => redact(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return redact((value.toJSON as () => unknown)(), depth + 1);
  return redactMembers(value, depth);
}

function redactMembers(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value).slice(0, MOST_ITEMS)) {
    copy[name] = isSecret(name, member) ? REDACTED : redact(member, depth + 1);
  }
  return copy;
}

function isSecret(name: string, member: unknown): boolean {
  if (member === null || member === undefined || typeof member === 'boolean') return false;
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  if (plain === 'code')
    return typeof member !== 'number' && (typeof member !== 'string' || !ERROR_CODE.test(member));
  return SECRET_NAMES.has(plain) || PERSONAL_NAMES.has(plain) || SECRET_ENDINGS.test(plain);
}

/**
 * Name, message, stack, code and cause, nothing else: errors of HTTP clients carry the request's headers and body, those of
 * the database the row that was refused.
 */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    name: error.name,
    message: redact(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    stack: redact(error.stack),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: redact(error.errors, depth + 1) } : {}),
  };
}

/** What secrets look like wherever they stand, in the order in which they are looked for. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our own keys, Google's tokens, codes and client secrets, JWTs and JWEs.
  [/\brcal_[A-Za-z0-9_-]{6,}/g, REDACTED],
  [/\bya29\.[\w.~+/-]+/g, REDACTED],
  [/\b1\/\/[\w-]{8,}/g, REDACTED],
  [/\b4\/[01][\w-]{8,}/g, REDACTED],
  [/\bGOCSPX-[\w-]+/g, REDACTED],
  [/\beyJ[\w-]{4,}(\.[\w-]*){1,4}/g, REDACTED],
  // Whatever is sent as a credential, in a header, in an address or in a query.
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{4,}/gi, `$1 ${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"']*:)[^\s@/"']+@/gi, `$1${REDACTED}@`],
  [
    /\b((?:access_|refresh_|id_)?token|code|code_verifier|client_secret|state|api_?key|password)=[^&\s"'\\]{8,}/gi,
    `$1=${REDACTED}`,
  ],
];

/**
 * Makes the last sieve, over finished lines: whatever looks like a secret, and every one of `secrets` itself in any place.
 * @param secrets exact values; shorter ones than eight characters are left out, since they may be words
 */
export function sieve(secrets: readonly string[]): (line: string) => string {
  const exact = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= 8)
    .sort((a, b) => b.length - a.length);
  const own = exact.length === 0 ? null : new RegExp([...new Set(exact)].map(literally).join('|'), 'g');
  return (line) => {
    let clean = own === null ? line : line.replace(own, REDACTED);
    for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
    return clean;
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
