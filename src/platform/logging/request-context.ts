import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of a request or a job says about where it comes from. */
export interface RequestContextValues {
  requestId?: string;
  tenantId?: string;
  /** The job's queue, for work that no request waits for. */
  job?: string;
}

const storage = new AsyncLocalStorage<RequestContextValues>();

/** Follows the work of one request or job through whatever it awaits. */
export const requestContext = {
  /** Runs `work` in a context of its own; `values` is kept and added to by `set`. */
  run<Result>(values: RequestContextValues, work: () => Result): Result {
    return storage.run(values, work);
  },

  /** Adds to the present context; does nothing outside of one. */
  set(values: RequestContextValues): void {
    const context = storage.getStore();
    if (context !== undefined) Object.assign(context, values);
  },

  get(): Readonly<RequestContextValues> {
    return storage.getStore() ?? {};
  },
};
