import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../support/test-database.js';
import { asTenantId, type TenantId } from '../../src/platform/database/tenant-id.js';
import { sqlStateOf } from '../../src/platform/database/sql-error.js';

type Queries = Pick<TestDatabase, 'query'>;

/** Every table whose rows belong to a tenant. */
export async function tenantTables(database: Queries): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY table_name`,
  );
  return tables.map(({ name }) => name);
}

/** The tables that hold rows of the tenant. */
export async function tablesHoldingRowsOf(database: Queries, tenantId: string): Promise<string[]> {
  const holding: string[] = [];
  for (const table of await tenantTables(database)) {
    const rows = await database.query(`SELECT 1 FROM ${table} WHERE tenant_id = $1 LIMIT 1`, [tenantId]);
    if (rows.length > 0) holding.push(table);
  }
  return holding;
}

/**
 * Gives the tenant a row in every tenant table, beside row-level security.
 * @param mark stands in every text that a person could have written
 * @throws when a table came without a row here: it has to be tested as well
 */
export async function fillEveryTable(database: Queries, tenantId: string, mark = 'Somebody'): Promise<void> {
  const [resource, service, booking, connection, calendar] = Array.from({ length: 5 }, () => randomUUID());
  const insert = (sql: string, values: unknown[]) => database.query(sql, [tenantId, ...values]);
  await insert(
    `INSERT INTO api_key (tenant_id, name, prefix, secret_hash, scopes) VALUES ($1, $4, $2, $3, '{agent}')`,
    [randomUUID(), Buffer.alloc(32), mark],
  );
  await insert(
    `INSERT INTO agent_connection (tenant_id, id, platform, name, key_id, secret)
     VALUES ($1, $2, 'vapi', $3, 'k1', 'ciphertext')`,
    [randomUUID(), mark],
  );
  await insert(`INSERT INTO resource (tenant_id, id, name) VALUES ($1, $2, $3)`, [resource, mark]);
  await insert(
    `INSERT INTO service (tenant_id, id, name, duration_minutes, slot_step_minutes) VALUES ($1, $2, $3, 60, 60)`,
    [service, mark],
  );
  await insert(`INSERT INTO service_resource (tenant_id, service_id, resource_id) VALUES ($1, $2, $3)`, [
    service,
    resource,
  ]);
  await insert(`INSERT INTO working_hours (tenant_id, weekly) VALUES ($1, '[]') ON CONFLICT DO NOTHING`, []);
  await insert(
    `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked,
       timezone, local_date, customer_name, phone, purpose, source)
     VALUES ($1, $2, $3, $4, $5, 'confirmed', '2031-01-21T14:00Z', '2031-01-21T15:00Z',
       '[2031-01-21T14:00Z,2031-01-21T15:00Z)', 'UTC', '2031-01-21', $6, '+12025550123', $6, 'agent')`,
    [booking, randomUUID().slice(0, 8), resource, service, mark],
  );
  await insert(`INSERT INTO holiday (tenant_id, date, name) VALUES ($1, '2031-12-25', $2)`, [mark]);
  await insert(
    `INSERT INTO time_off (tenant_id, resource_id, starts_at, ends_at, reason)
     VALUES ($1, $2, '2031-02-01T00:00Z', '2031-02-02T00:00Z', $3)`,
    [resource, mark],
  );
  await insert(
    `INSERT INTO audit_entry (tenant_id, booking_id, action, actor_kind, actor_id)
     VALUES ($1, $2, 'created', 'dashboard_user', $3)`,
    [booking, mark],
  );
  await insert(
    `INSERT INTO idempotency_record (tenant_id, key, request_hash, booking_id) VALUES ($1, $2, $3, $4)`,
    [randomUUID(), Buffer.alloc(32), booking],
  );
  await insert(`INSERT INTO reference_guess (tenant_id, reference, credential) VALUES ($1, 'AAAAAA', $2)`, [
    'c'.repeat(43),
  ]);
  await insert(`INSERT INTO tool_answer (tenant_id, key, answer) VALUES ($1, $2, '{"say": "Booked."}')`, [
    't'.repeat(43),
  ]);
  await insert(
    `INSERT INTO calendar_connection (tenant_id, id, account_sub, account_email, scopes)
     VALUES ($1, $2, $3, $4, '{}')`,
    [connection, randomUUID(), `${mark}@example.com`],
  );
  await insert(
    `INSERT INTO tenant_google_token (tenant_id, connection_id, key_id, access_token, refresh_token, access_expires_at)
     VALUES ($1, $2, 'k1', 'ciphertext', 'ciphertext', now())`,
    [connection],
  );
  await insert(
    `INSERT INTO oauth_state (tenant_id, state_hash, code_verifier, expires_at) VALUES ($1, $2, 'v', now())`,
    [Buffer.from(randomUUID().replaceAll('-', ''), 'utf8')],
  );
  await insert(
    `INSERT INTO calendar (tenant_id, id, connection_id, google_id, summary, timezone)
     VALUES ($1, $2, $3, 'primary', $4, 'UTC')`,
    [calendar, connection, mark],
  );
  await insert(
    `INSERT INTO resource_calendar (tenant_id, resource_id, calendar_id, reads_conflicts, writes_bookings)
     VALUES ($1, $2, $3, true, true)`,
    [resource, calendar],
  );
  await insert(
    `INSERT INTO busy_block (tenant_id, calendar_id, event_id, starts_at, ends_at)
     VALUES ($1, $2, $3, '2031-01-21T16:00Z', '2031-01-21T17:00Z')`,
    [calendar, mark],
  );
  // Never due: it is there to be seen, not to be synchronised.
  await insert(
    `INSERT INTO calendar_sync (tenant_id, calendar_id, sync_token, due_at) VALUES ($1, $2, $3, 'infinity')`,
    [calendar, mark],
  );
  await insert(
    `INSERT INTO push_channel (tenant_id, id, calendar_id, token_hash, address) VALUES ($1, $2, $3, $4, 'https://a.test')`,
    [randomUUID(), calendar, Buffer.alloc(32)],
  );
  await insert(
    `INSERT INTO calendar_conflict (tenant_id, kind, booking_id, calendar_id, event_id)
     VALUES ($1, 'event_over_booking', $2, $3, $4)`,
    [booking, calendar, mark],
  );
  await insert(
    `INSERT INTO event_write (tenant_id, booking_id, wanted, content, state, connection_id, calendar_id, meet_link)
     VALUES ($1, $2, 'present', '{}', 'pending', $3, $4, $5)`,
    [booking, connection, calendar, mark],
  );
  await insert(
    `INSERT INTO event_leftover (tenant_id, booking_id, calendar_id, event_attempt) VALUES ($1, $2, $3, 0)`,
    [booking, calendar],
  );
  await insert(
    `INSERT INTO event_stray (tenant_id, booking_id, calendar_id, event_id) VALUES ($1, $2, $3, $4)`,
    [booking, calendar, mark],
  );

  const holding = await tablesHoldingRowsOf(database, tenantId);
  const empty = (await tenantTables(database)).filter((table) => !holding.includes(table));
  if (empty.length > 0) throw new Error(`fillEveryTable knows no row for ${empty.join(', ')}`);
}

/** A tenant's transactions have no right to these at all. */
export const BEYOND_TENANTS = ['agent_connection', 'api_key'];
/** What a tenant's transactions may add to and read, but never change. */
export const WRITTEN_ONCE = ['audit_entry'];

/** A tenant and nothing of its own. */
export async function insertTenant(database: TestDatabase): Promise<TenantId> {
  const id = randomUUID();
  await database.query(`INSERT INTO tenant (id, name, timezone) VALUES ($1, 'Someone', 'UTC')`, [id]);
  return asTenantId(id);
}

/** The SQLSTATE that `work` fails with; "none" when it does not. */
export const failureOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(() => 'none', sqlStateOf);
