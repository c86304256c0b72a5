import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../../src/platform/database/migrations.js';
import { tenantTables } from '../tenant/tenant-rows.js';

const MIGRATIONS = 'prisma/migrations';
const FOUNDATION = '20261122000000_foundation';

const resource = randomUUID();
const other = randomUUID();
const service = randomUUID();
const tenant = randomUUID();
const kept = randomUUID();
const gone = randomUUID();

/** When it starts, the zone where it takes place, and the date there. */
const BOOKINGS: [startsAt: string, timezone: string, localDate: string][] = [
  ['2031-01-21T14:00:00Z', 'UTC', '2031-01-21'],
  ['2031-01-22T03:30:00Z', 'America/New_York', '2031-01-21'],
  ['2031-01-22T16:00:00Z', 'Asia/Tokyo', '2031-01-23'],
  ['2031-06-30T22:30:00Z', 'Europe/Berlin', '2031-07-01'],
  ['2031-12-31T22:30:00Z', 'Europe/Berlin', '2031-12-31'],
  ['2026-10-03T13:45:00Z', 'Australia/Lord_Howe', '2026-10-04'],
  // A name that PostgreSQL does not know (a newer release of the zones, say) stops nobody from upgrading.
  ['2031-02-01T23:30:00Z', 'Mars/Olympus_Mons', '2031-02-01'],
];

const adminUrl = (): URL => new URL(process.env['RECEPTIONIST_TEST_ADMIN_URL'] ?? '');
const serviceRole = (): string => new URL(process.env['RECEPTIONIST_TEST_SERVICE_URL'] ?? '').username;

describe('a database of the first release that has bookings', () => {
  const name = `receptionist_upgrade_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  let ownerUrl: string;
  let superuser: pg.Client;

  const query = async <Row extends object>(text: string, values?: unknown[]): Promise<Row[]> =>
    (await superuser.query<Row>(text, values)).rows;
  const onServer = async (...statements: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: adminUrl().href });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    // As docs/deploy.md has it made: no superuser, and bound by row-level security like everybody.
    await onServer(
      `CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD '${password}'`,
      `CREATE DATABASE ${name} OWNER ${name}`,
    );
    const address = adminUrl();
    address.pathname = `/${name}`;
    superuser = new pg.Client({ connectionString: address.href });
    await superuser.connect();
    ownerUrl = Object.assign(new URL(address), { username: name, password }).href;
    await install(FOUNDATION);
    await fill();
    await migrate(ownerUrl, serviceRole());
  }, 60_000);
  afterAll(async () => {
    await superuser.end();
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`);
  });

  /** Applies one migration as the owner and records it, as the release that had no other did. */
  async function install(migration: string): Promise<void> {
    const sql = await readFile(`${MIGRATIONS}/${migration}/migration.sql`, 'utf8');
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query(sql);
    await owner.query(`
      CREATE TABLE _prisma_migrations (
        id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
        logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
        applied_steps_count integer NOT NULL DEFAULT 0)`);
    await owner.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), createHash('sha256').update(sql).digest('hex'), migration],
    );
    await owner.end();
  }

  async function fill(): Promise<void> {
    await query(`INSERT INTO tenant (id, name, timezone) VALUES ($1, 'Acme', 'UTC')`, [tenant]);
    for (const id of [resource, other]) {
      await query(`INSERT INTO resource (tenant_id, id, name) VALUES ($1, $2, 'Chair')`, [tenant, id]);
    }
    await query(
      `INSERT INTO service (tenant_id, id, name, duration_minutes, slot_step_minutes) VALUES ($1, $2, 'Visit', 60, 60)`,
      [tenant, service],
    );
    await query(`INSERT INTO service_resource VALUES ($1, $2, $3), ($1, $2, $4)`, [
      tenant,
      service,
      resource,
      other,
    ]);
    for (const [id, state] of [
      [kept, 'connected'],
      [gone, 'disconnected'],
    ] as const) {
      await query(
        `INSERT INTO calendar_connection (tenant_id, id, account_sub, account_email, scopes, state)
         VALUES ($1, $2::uuid, $2::text, CASE $3::text WHEN 'connected' THEN 'a@example.com' END, '{}', $3::text)`,
        [tenant, id, state],
      );
      await query(
        `INSERT INTO calendar (tenant_id, id, connection_id, google_id, summary, timezone)
         VALUES ($1, $2, $2, 'primary', 'Calendar', 'UTC')`,
        [tenant, id],
      );
      // As it was read last.
      await query(
        `UPDATE calendar SET known_from = now(), known_to = now() + interval '30 days', known_as_of = now() WHERE id = $1`,
        [id],
      );
      await query(`INSERT INTO busy_block VALUES ($1, $2, '2031-01-21T09:00Z', '2031-01-21T10:00Z')`, [
        tenant,
        id,
      ]);
    }
    for (const [index, [startsAt, timezone]] of BOOKINGS.entries()) {
      const id = randomUUID();
      await query(
        `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
           customer_name, phone, source)
         SELECT $1, $2::uuid, $2::text, $3, $4, 'confirmed', at, at + interval '1 hour', tstzrange(at, at + interval '1 hour'), $6, 'Ana',
           '+14155550123', 'agent' FROM (SELECT $5::timestamptz) s (at)`,
        [tenant, id, index % 2 ? other : resource, service, startsAt, timezone],
      );
      await query(
        `INSERT INTO event_write (tenant_id, booking_id, wanted, content, state, calendar_id, event_id, written_version, updated_at)
         VALUES ($1, $2, 'present', $4, 'synced', $3, CASE WHEN $3::uuid IS NOT NULL THEN 'event' END,
           CASE WHEN $3::uuid IS NOT NULL THEN 1 ELSE 0 END, '2026-11-23T12:00Z')`,
        [tenant, id, index === 0 ? kept : null, { summary: 'Visit', startsAt, endsAt: startsAt }],
      );
    }
  }

  it('has every booking afterwards, each on the date where it takes place', async () => {
    const rows = await query<{ startsAt: Date; timezone: string; localDate: string }>(
      `SELECT starts_at AS "startsAt", timezone, local_date::text AS "localDate" FROM booking`,
    );
    const found = rows.map(({ startsAt, timezone, localDate }) => [+startsAt, timezone, localDate]);
    expect(found.sort()).toEqual(
      BOOKINGS.map(([startsAt, timezone, date]) => [Date.parse(startsAt), timezone, date]).sort(),
    );
  });

  it('knows of every event whose booking it is, and for whom it was put where it is', async () => {
    const rows = await query<{ same: boolean; placed: boolean; calendar: boolean }>(
      `SELECT w.resource_id = b.resource_id AS same, w.placed_for IS NOT DISTINCT FROM
         CASE WHEN w.calendar_id IS NOT NULL THEN b.resource_id END AS placed, w.calendar_id IS NOT NULL AS calendar
       FROM event_write w JOIN booking b ON b.tenant_id = w.tenant_id AND b.id = w.booking_id`,
    );
    expect(rows).toHaveLength(BOOKINGS.length);
    expect(rows.filter(({ calendar }) => calendar)).toHaveLength(1);
    expect(rows.filter(({ same, placed }) => !same || !placed)).toEqual([]);
  });

  it('goes on with the calendar that is connected, and with none that is not', async () => {
    const rows = await query<{ id: string; reads: boolean; writes: boolean }>(
      `SELECT id, reads_conflicts AS reads, writes_bookings AS writes FROM calendar`,
    );
    expect(rows.find(({ id }) => id === kept)).toMatchObject({ reads: true, writes: true });
    expect(rows.find(({ id }) => id === gone)).toMatchObject({ reads: false, writes: false });
  });

  it('mirrors the calendar that is connected from the beginning, and none that is not', async () => {
    const syncs = await query<{ id: string; token: string | null; isDue: boolean; push: string }>(
      `SELECT calendar_id AS id, sync_token AS token, due_at <= now() AS "isDue", push FROM calendar_sync`,
    );
    expect(syncs).toEqual([{ id: kept, token: null, isDue: true, push: 'none' }]);
    // What was read before is known without its events, and so not at all.
    expect(await query('SELECT 1 FROM busy_block')).toEqual([]);
    const known = await query(
      'SELECT 1 FROM calendar WHERE num_nonnulls(known_from, known_to, known_as_of) > 0',
    );
    expect(known).toEqual([]);
    const staleAfter = await query('SELECT calendar_stale_after_minutes AS minutes FROM tenant');
    expect(staleAfter).toEqual([{ minutes: 60 }]);
  });

  it('takes what an event should say for what it says where that was written, and for wanted since then', async () => {
    const rows = await query<Record<string, boolean>>(
      `SELECT calendar_id IS NOT NULL AS "isWritten", written IS NOT DISTINCT FROM content AS "isKnown", written IS NULL AS "isUnknown",
         wanted_at = '2026-11-23T12:00Z' AND written_at = '2026-11-23T12:00Z' AS "isAsOfThen",
         look_requested_at IS NULL AND look_etag IS NULL AS "isAtPeace"
       FROM event_write`,
    );
    expect(rows).toHaveLength(BOOKINGS.length);
    for (const { isWritten, ...row } of rows) {
      expect(row).toEqual({ isKnown: isWritten, isUnknown: !isWritten, isAsOfThen: true, isAtPeace: true });
    }
  });

  it('has row-level security in force on every table again, for its owner too', async () => {
    const tables = ['tenant', ...(await tenantTables({ query }))];
    const rows = await query<{ name: string; forced: boolean }>(
      `SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1)`,
      [tables],
    );
    expect(rows).toHaveLength(tables.length);
    expect(rows.filter(({ forced }) => !forced)).toEqual([]);
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    expect((await owner.query('SELECT FROM booking')).rowCount).toBe(0);
    expect((await owner.query('SELECT FROM event_write')).rowCount).toBe(0);
    await owner.end();
  });

  it('answers what is booked, through the function of the new release', async () => {
    const [row] = await query<{ snapshot: { booked: object[]; resources: object[] } }>(
      `SELECT availability_snapshot($1, NULL, NULL, '2031-01-20', '2031-01-23', NULL) AS snapshot`,
      [tenant],
    );
    expect(row?.snapshot.resources).toHaveLength(2);
    expect(row?.snapshot.booked).toHaveLength(3);
  });

  it('has nothing left to apply', async () => {
    expect(await migrate(ownerUrl, serviceRole())).toEqual([]);
    const applied = await query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1',
    );
    const released = (await readdir(MIGRATIONS)).filter((entry) => !entry.includes('.')).sort();
    expect(applied.map(({ name: migration }) => migration)).toEqual(released);
  });
});
