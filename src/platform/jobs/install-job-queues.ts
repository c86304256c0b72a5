import { PgBoss } from 'pg-boss';

/** The schema that holds the queue's tables. */
export const JOB_SCHEMA = 'pgboss';

/** Makes or updates the queue's own tables; part of migrating, since the service's role may not create any. */
export async function installJobQueues(url: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: url,
    schema: JOB_SCHEMA,
    max: 2,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  // Without a listener an error event would end the process; start() itself reports what went wrong.
  boss.on('error', () => undefined);
  await boss.start();
  await boss.stop({ graceful: false });
}
