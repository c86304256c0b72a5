/** SQLSTATE classes and codes after which trying again soon makes sense (PostgreSQL, appendix A). */
const PASSING_SQLSTATES =
  /^(08...|53...|57014|57P0[1-5]|58...|40001|40P01|55P03|25P03)$/; /* connection, resources, shutdown, timeout, deadlock */

/** Prisma: cannot reach, timed out, closed, pool exhausted, transaction not started in time. */
const PASSING_PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);

const PASSING_NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** node-postgres has no codes for what its pool and client notice by themselves. */
const PASSING_MESSAGES =
  /^(timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Cannot use a pool after calling end)/;

/**
 * Whether the database could not be reached or did not answer in time. Errors of Google's client never come here: the
 * calendar module turns them into its own first.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return chain(error).some((cause) => {
    const code = codeOf(cause);
    return (
      (code !== undefined &&
        (PASSING_SQLSTATES.test(code) ||
          PASSING_PRISMA_CODES.has(code) ||
          PASSING_NETWORK_CODES.has(code))) ||
      (cause instanceof Error && PASSING_MESSAGES.test(cause.message))
    );
  });
}

/** PostgreSQL refused a text: a byte sequence that is not UTF-8, or the escape for NUL in JSON. */
export function isUnstorableText(error: unknown): boolean {
  return chain(error).some((cause) => ['22021', '22P05'].includes(codeOf(cause) ?? ''));
}

/** The error and what it was caused by, through node-postgres, Prisma and its driver adapter. */
function chain(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (
    let cause = error;
    cause !== undefined && cause !== null && causes.length < 8;
    cause = causeOf(cause)
  ) {
    causes.push(cause);
  }
  return causes;
}

function causeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  const { cause, meta } = error as { cause?: unknown; meta?: { driverAdapterError?: unknown } };
  return cause ?? meta?.driverAdapterError;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { originalCode, code } = error as { originalCode?: unknown; code?: unknown };
  return [originalCode, code].find((candidate) => typeof candidate === 'string');
}
