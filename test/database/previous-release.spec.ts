import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BookingView } from '../../src/booking/booking.js';
import type { Hold } from '../../src/booking/hold.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { migrate } from '../../src/platform/database/migrations.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { createTestDatabase, emptyTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } from '../support/test-settings.js';
import { buildPreviousRelease, PREVIOUS_RELEASE } from './previous-release.js';

describe('the previous release, once the database is migrated', () => {
  describe('finds all that its schema had', () => {
    let database: TestDatabase;
    let directory: string;
    let before: Schema;
    let after: Schema;

    beforeAll(async () => {
      database = await emptyTestDatabase();
      directory = await mkdtemp(join(tmpdir(), 'receptionist-migrations-'));
      const released = (await readdir('prisma/migrations')).filter(
        (name) => name <= PREVIOUS_RELEASE.lastMigration,
      );
      for (const name of released) {
        await cp(join('prisma/migrations', name), join(directory, name), { recursive: true });
      }
      const role = new URL(database.serviceUrl).username;
      await migrate(database.ownerUrl, role, { directory });
      before = await schemaOf(database);
      expect(await migrate(database.ownerUrl, role)).not.toEqual([]);
      after = await schemaOf(database);
    }, 60_000);
    afterAll(async () => {
      await database.drop();
      await rm(directory, { recursive: true });
    });

    it('every column, of the same type', () => {
      expect(before.columns.length).toBeGreaterThan(100);
      expect(after.columns).toEqual(expect.arrayContaining(before.columns));
    });

    it('no new column that it would have to fill', () => {
      const known = new Set(before.columns.map(({ column }) => column));
      const tables = new Set(before.columns.map(({ table }) => table));
      const wanting = after.columns.filter(
        ({ table, column, mayBeLeftOut }) => tables.has(table) && !known.has(column) && !mayBeLeftOut,
      );
      expect(wanting).toEqual([]);
    });

    it('every function, called as it calls it', () => {
      expect(before.functions.length).toBeGreaterThan(5);
      const uncalled = before.functions.filter(
        ({ name, types, required }) =>
          !after.functions.some(
            (now) => now.name === name && startsWith(now.types, types) && now.required <= required,
          ),
      );
      expect(uncalled).toEqual([]);
    });

    it('every right that its two roles had', () => {
      expect(before.rights.length).toBeGreaterThan(30);
      const kept = new Set(after.rights.map((right) => JSON.stringify(right)));
      expect(before.rights.filter((right) => !kept.has(JSON.stringify(right)))).toEqual([]);
    });
  });

  describe('goes on serving beside this one', () => {
    let database: TestDatabase;
    let google: GoogleStandIn;
    let previous: ServiceProcess;
    let next: ServiceProcess | undefined;
    let release: Awaited<ReturnType<typeof buildPreviousRelease>>;
    let key: string;
    const email = 'owner@acme.example';
    const tuesday = upcoming(2);

    beforeAll(async () => {
      release = await buildPreviousRelease();
      if (release === null) return;
      database = await createTestDatabase();
      google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
      google.addAccount({ email, timeZone: 'America/New_York' });
      previous = await startService(database, google.origin, {}, [process.execPath, release.main]);
      key = await connectedTenant(previous, google, email);
    }, 120_000);
    afterAll(async () => {
      if (release === null) return;
      await Promise.all([previous.stop(), next?.stop()]);
      await google.stop();
      await database.drop();
      await release.remove();
    }, 60_000);

    /** A clone without the history cannot build it; the schema is compared above in any case. */
    const ifItCanBeBuilt = (name: string, test: () => Promise<void>): void =>
      it(
        name,
        async () => {
          if (release === null) {
            console.warn(
              `Not run: this clone has no commit ${PREVIOUS_RELEASE.commit} (git fetch --unshallow).`,
            );
            return;
          }
          await test();
        },
        60_000,
      );

    const book = (service: ServiceProcess, time: string) =>
      service.request<BookingView>('POST', '/api/bookings', {
        key,
        body: { startsAt: at(tuesday, time), name: 'Ana Flores', phone: '+14155550123' },
      });
    const status = async (service: ServiceProcess, id: string) =>
      (await service.request<BookingView>('GET', `/api/bookings/${id}`, { key })).body.status;
    const starts = () =>
      google
        .account(email)
        .calendar()
        .events()
        .map(({ start }) => Date.parse(start?.dateTime ?? ''));

    ifItCanBeBuilt('alone: offers, holds, books, moves, cancels, and has its events in Google', async () => {
      const offered = await previous.request<{ slots: object[] }>(
        'GET',
        `/api/availability?date=${tuesday}`,
        {
          key,
        },
      );
      expect(offered).toMatchObject({ status: 200 });
      expect(offered.body.slots.length).toBeGreaterThan(3);
      const hold = await previous.request<Hold>('POST', '/api/holds', {
        key,
        body: { startsAt: at(tuesday, '09:00') },
      });
      expect(hold.status).toBe(201);
      const booked = await previous.request<BookingView>('POST', '/api/bookings', {
        key,
        body: { holdId: hold.body.id, name: 'Ana Flores', phone: '+14155550123' },
      });
      expect(booked.status).toBe(201);
      const moved = await previous.request('POST', `/api/bookings/${booked.body.id}/reschedule`, {
        key,
        body: { startsAt: at(tuesday, '10:00') },
      });
      expect(moved.status).toBe(200);
      const second = await book(previous, '14:00');
      expect(second.status).toBe(201);
      const cancelled = await previous.request('POST', `/api/bookings/${second.body.id}/cancel`, {
        key,
        body: {},
      });
      expect(cancelled.status).toBe(200);
      await eventually(() => expect(starts()).toEqual([Date.parse(at(tuesday, '10:00'))]));
      for (const tool of ['list_services', 'get_business_info', 'check_availability']) {
        const answer = await previous.request<{ say?: string }>('POST', `/api/agent-tools/${tool}`, {
          key,
          body: { date: 'tomorrow' },
        });
        expect(answer).toMatchObject({ status: 200, body: { say: expect.any(String) as string } });
      }
    });

    ifItCanBeBuilt(
      'while the instances are replaced: what one has made the other knows, moves and cancels',
      async () => {
        const current = (next = await startService(database, google.origin));
        const byPrevious = await book(previous, '11:00');
        const byCurrent = await book(current, '13:00');
        expect([byPrevious.status, byCurrent.status]).toEqual([201, 201]);
        expect(await status(current, byPrevious.body.id)).toBe('confirmed');
        expect(await status(previous, byCurrent.body.id)).toBe('confirmed');
        expect((await book(previous, '13:00')).status).toBe(409);
        const moved = await previous.request('POST', `/api/bookings/${byCurrent.body.id}/reschedule`, {
          key,
          body: { startsAt: at(tuesday, '15:00') },
        });
        expect(moved.status).toBe(200);
        const cancelled = await current.request('POST', `/api/bookings/${byPrevious.body.id}/cancel`, {
          key,
          body: {},
        });
        expect(cancelled.status).toBe(200);
        await eventually(() =>
          expect(starts().sort()).toEqual(
            [at(tuesday, '10:00'), at(tuesday, '15:00')].map((time) => Date.parse(time)),
          ),
        );
        expect(previous.output()).not.toMatch(/"level":"?(error|50)/);
      },
    );
  });
});

interface Schema {
  columns: { table: string; column: string; type: string; mayBeLeftOut: boolean }[];
  functions: { name: string; types: string[]; required: number }[];
  rights: { role: string; table: string; column: string; privilege: string }[];
}

async function schemaOf({ query }: TestDatabase): Promise<Schema> {
  return {
    columns: await query(
      `SELECT c.relname || '' AS "table", c.relname || '.' || a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
         NOT a.attnotnull OR a.atthasdef AS "mayBeLeftOut"
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
    ),
    functions: await query(
      `SELECT p.proname || '' AS name, p.pronargs - p.pronargdefaults AS required,
         ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY u (t, n) ORDER BY n) AS types
       FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
    ),
    rights: await query(
      `SELECT grantee AS role, table_name AS "table", column_name AS "column", privilege_type AS privilege
       FROM information_schema.column_privileges
       WHERE table_schema = 'public' AND grantee IN ('receptionist_tenant', 'receptionist_system')
       UNION ALL
       SELECT grantee, table_name, '', privilege_type FROM information_schema.table_privileges
       WHERE table_schema = 'public' AND grantee IN ('receptionist_tenant', 'receptionist_system')`,
    ),
  };
}

function startsWith(types: readonly string[], first: readonly string[]): boolean {
  return first.every((type, index) => types[index] === type);
}

/** Through the previous release's own way of connecting. @returns the tenant's key */
async function connectedTenant(
  { request }: ServiceProcess,
  google: GoogleStandIn,
  email: string,
): Promise<string> {
  const tenant = await request<{ id: string }>('POST', '/api/admin/tenants', {
    key: ADMIN_KEY,
    body: { name: 'Acme Dental', timezone: 'America/New_York' },
  });
  const made = await request<{ key: string }>('POST', `/api/admin/tenants/${tenant.body.id}/api-keys`, {
    key: ADMIN_KEY,
    body: { name: 'test', scopes: ['dashboard', 'agent'] },
  });
  const { key } = made.body;
  const { body } = await request<{ authUrl: string }>('GET', '/api/tenant-calendar/auth-url', { key });
  const redirect = await google.consent(body.authUrl, { email });
  const page = await request<string>('GET', redirect.replace(PUBLIC_URL, ''));
  if (page.status !== 200) throw new Error(`Not connected: ${page.body}`);
  return key;
}
