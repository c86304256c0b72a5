/** What a check found wrong, and what to do about it. Neither holds a secret. */
export class CheckFailure extends Error {
  constructor(
    problem: string,
    readonly remedy: string,
  ) {
    super(problem);
  }
}

export interface Check {
  name: string;
  /** @returns what it found, in a few words @throws CheckFailure */
  run: () => Promise<string>;
}

/**
 * Runs checks one after the other and prints a line for each.
 * @param clean takes secrets out of a line, whatever brought them there
 * @returns how many failed
 */
export async function runChecks(
  checks: readonly Check[],
  print: (line: string) => void,
  clean: (line: string) => string,
): Promise<number> {
  let failed = 0;
  for (const { name, run } of checks) {
    try {
      print(clean(`✓ ${name}: ${await run()}`));
    } catch (error) {
      failed += 1;
      const problem = error instanceof Error && error.message !== '' ? error.message : causeOf(error);
      const remedy =
        error instanceof CheckFailure
          ? error.remedy
          : 'this check could not be carried out; fix the cause and run it again';
      print(clean(`✗ ${name}: ${problem}\n  → ${remedy}`));
    }
  }
  return failed;
}

/** Connecting to a host with several addresses fails with an error that has no words of its own. */
function causeOf(error: unknown): string {
  const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return errors.map((each) => (each instanceof Error ? each.message : 'unknown error')).join('; ');
}
