import { Prisma } from './generated/client.js';

/** SQLSTATE codes that the service decides by (PostgreSQL, appendix A). */
export const SqlState = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  exclusionViolation: '23P01',
  insufficientPrivilege: '42501',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  serializationFailure: '40001',
} as const;

/** The SQLSTATE behind an error of node-postgres or of Prisma's driver adapter; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const { driverAdapterError } = (error.meta ?? {}) as {
      driverAdapterError?: { cause?: { originalCode?: string } };
    };
    return (
      driverAdapterError?.cause?.originalCode ??
      (error.code === 'P2002' ? SqlState.uniqueViolation : undefined) ??
      (error.code === 'P2034' ? SqlState.serializationFailure : undefined)
    );
  }
  const { cause } = (error ?? {}) as { cause?: { originalCode?: unknown } };
  // What fails at the commit of a Prisma transaction comes as the adapter threw it.
  if (typeof cause?.originalCode === 'string') return cause.originalCode;
  if (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.length === 5
  ) {
    return error.code;
  }
  return undefined;
}
