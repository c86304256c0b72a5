import { mock } from 'node:test';

/** Lets the vendors' code sign and verify at a time that is the same in every run. */
export async function at<T>(time: number, work: () => Promise<T> | T): Promise<T> {
  mock.timers.enable({ apis: ['Date'], now: time });
  try {
    return await work();
  } finally {
    mock.timers.reset();
  }
}

/** @throws Error unless the vendor's own code takes it for genuine */
export function accepted(isAccepted: boolean, what: string): void {
  if (!isAccepted) throw new Error(`Not accepted by the vendor's own code: ${what}`);
}
