import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations/', import.meta.url));

/** The first line of a migration whose statements run outside of a transaction, one by one. */
const WITHOUT_TRANSACTION = /^-- migrate: without a transaction\s*$/m;

/** What may run outside of a transaction: each can be repeated after it was cut off at any moment. */
const REPEATABLE =
  /^(?:CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS|DROP INDEX CONCURRENTLY IF EXISTS) "?(\w+)"?/i;

export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** A statement that builds or drops an index while the table is read and written. */
export interface ConcurrentStatement {
  sql: string;
  index: string;
}

/** All migrations in a directory, oldest first. */
export async function readMigrations(directory = MIGRATIONS): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * The statements of a migration that is marked to run without a transaction; undefined for any other.
 * @throws when it holds a statement that could not be repeated
 */
export function concurrentStatements({ name, sql }: Migration): ConcurrentStatement[] | undefined {
  if (!WITHOUT_TRANSACTION.test(sql)) return undefined;
  return sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '')
    .map((statement) => {
      const [, index] = REPEATABLE.exec(statement) ?? [];
      if (index !== undefined) return { sql: statement, index };
      throw new Error(
        `Migration ${name} runs without a transaction, so it may hold nothing but CREATE INDEX CONCURRENTLY IF NOT EXISTS ` +
          `and DROP INDEX CONCURRENTLY IF EXISTS: ${statement.slice(0, 80)}`,
      );
    });
}
