import type { Settings } from '../platform/config/settings.js';
import { compareDatabases, inWords } from '../platform/database/same-database.js';
import { type Check, CheckFailure } from './check.js';

/** The second login: jobs are taken through it. */
export function directDatabaseCheck({ databaseUrl, directDatabaseUrl }: Settings): Check {
  return {
    name: 'direct database',
    run: async () => {
      if (databaseUrl.reveal() === directDatabaseUrl.reveal()) return 'DATABASE_URL is used for jobs, too';
      const comparison = await compareDatabases(databaseUrl.reveal(), directDatabaseUrl.reveal()).catch(
        (error: unknown) => {
          throw new CheckFailure(
            `cannot be compared (${(error as { code?: string }).code ?? (error as Error).message})`,
            'see that DIRECT_DATABASE_URL has the right host, role, password and database, and that this machine may connect',
          );
        },
      );
      if (!comparison.isSame) {
        throw new CheckFailure(
          `is not the database of DATABASE_URL: they are ${inWords(comparison)}`,
          'let DIRECT_DATABASE_URL lead to the same database, past the pooler: jobs are written through the one and taken through the other',
        );
      }
      const { first, second } = comparison;
      if (first.role !== second.role) {
        throw new CheckFailure(
          `logs in as "${second.role}", and DATABASE_URL as "${first.role}"`,
          'use the service’s login in both; the owner’s belongs into DIRECT_DATABASE_URL only where `npm run migrate` runs',
        );
      }
      return `the same database as DATABASE_URL ("${second.database}"), as "${second.role}"`;
    },
  };
}
