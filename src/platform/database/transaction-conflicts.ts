import { setTimeout as sleep } from 'node:timers/promises';
import { SqlState, sqlStateOf } from './sql-error.js';

/** One of two transactions had to give way. Its repetition meets the other one less and less often. */
const ATTEMPTS = 6;
const LONGEST_FIRST_PAUSE_MS = 20;

const CONFLICTS: readonly (string | undefined)[] = [SqlState.serializationFailure, SqlState.deadlockDetected];

/** Runs a transaction again that PostgreSQL gave up for the sake of another: nothing of it has happened. */
export async function repeatingConflicts<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !CONFLICTS.includes(sqlStateOf(error))) throw error;
      // At random, so that the two do not meet again.
      await sleep(Math.random() * LONGEST_FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}
