import pg from 'pg';
import { PgBoss } from 'pg-boss';

/** The schema that holds the queue's tables. */
export const JOB_SCHEMA = 'pgboss';

/** With which every change of its tables begins, in a transaction. */
const LOCK_TIMEOUT = /SET LOCAL lock_timeout = \d+/g;

/**
 * Makes or updates the queue's own tables; part of migrating, since the service's role may not create any.
 * @param lockTimeoutMs how long it may wait for a table that is in use
 */
export async function installJobQueues(url: string, lockTimeoutMs: number): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'receptionist-calendar migrate (jobs)',
  });
  client.on('error', () => undefined);
  await client.connect();
  const boss = new PgBoss({
    db: {
      executeSql: async (text: string, values?: unknown[]) => {
        const result = await client.query(
          text.replace(LOCK_TIMEOUT, `SET LOCAL lock_timeout = ${lockTimeoutMs}`),
          values,
        );
        return result as { rows: unknown[] };
      },
    },
    schema: JOB_SCHEMA,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  // Without a listener an error event would end the process; start() itself reports what went wrong.
  boss.on('error', () => undefined);
  try {
    await boss.start();
    await boss.stop({ graceful: false });
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    await client.end();
  }
}
