/** What stops a start, as one sentence for the person at the terminal; it never holds a secret. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** What the system said, in a few words: its code where it has one, for example `EACCES` or `ECONNREFUSED`. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : error.message.replace(/\.$/, '');
}
