export interface StandInRequest {
  /** Epoch milliseconds. */
  at: number;
  method: string;
  path: string;
  /** `events.insert`, `token`, `auth`, … or `page` for what only the stand-in has. */
  operation: string;
  query: Record<string, string | string[]>;
  body: unknown;
  accountEmail?: string;
  /** 0 while unanswered, and for ever when the answer was lost. */
  status: number;
}

const mostRequests = 10_000;

/** What was asked of the stand-in, for tests to look at. Holds no Authorization headers. */
export class RequestLog {
  readonly entries: StandInRequest[] = [];

  add(entry: StandInRequest): StandInRequest {
    this.entries.push(entry);
    // Dropped in hundreds: shifting ten thousand entries at each request would be felt.
    if (this.entries.length >= mostRequests + 100) this.entries.splice(0, this.entries.length - mostRequests);
    return entry;
  }

  clear(): void {
    this.entries.length = 0;
  }
}

export function queryOf(parameters: URLSearchParams): StandInRequest['query'] {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length === 1 ? String(values[0]) : values];
    }),
  );
}
