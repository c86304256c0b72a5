import { execFile } from 'node:child_process';
import type { BookingView } from '../../src/booking/booking.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } from '../support/test-settings.js';

describe('npm run reconcile, after a restore', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(2);
  const ana = {
    name: 'Ana Flores',
    phone: '+1 415 555 0123 ext. 12',
    email: 'ana@example.com',
    purpose: 'A sore tooth',
  };

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
  });

  const request = <Body>(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ) => service.request<Body>(method, path, { key: owner.key, body, headers });
  const book = (time: string, headers?: Record<string, string>) =>
    request<BookingView>('POST', '/api/bookings', { ...ana, startsAt: at(date, time) }, headers);
  const booked = async (time: string, headers?: Record<string, string>): Promise<BookingView> => {
    const { body, status } = await book(time, headers);
    expect(status).toBe(201);
    await eventually(async () =>
      expect((await request<BookingView>('GET', `/api/bookings/${body.id}`)).body.calendar.status).toBe(
        'synced',
      ),
    );
    return body;
  };
  /** As if the database had been restored from a backup that is older than the booking. */
  const lose = async ({ id }: BookingView): Promise<void> => {
    for (const [table, column] of [
      ['event_write', 'booking_id'],
      ['audit_entry', 'booking_id'],
      ['idempotency_record', 'booking_id'],
      ['booking', 'id'],
    ]) {
      await service.database.query(`DELETE FROM ${table} WHERE ${column} = $1`, [id]);
    }
  };
  const reconcile = (...options: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const environment = {
        PUBLIC_URL,
        DATABASE_URL: service.database.serviceUrl,
        ADMIN_API_KEY: ADMIN_KEY,
        TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
        GOOGLE_CLIENT_ID: CLIENT_ID,
        GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
        GOOGLE_ENDPOINT: service.google.origin,
      };
      execFile(
        process.execPath,
        ['dist/reconcile.js', '--tenant', owner.id, ...options],
        { env: environment },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  const events = () => owner.calendar.events();

  it('finds nothing where nothing differs', async () => {
    await booked('10:00');
    expect(await reconcile()).toEqual({
      code: 0,
      output: expect.stringContaining('0 settled, 0 open') as string,
    });
  }, 120_000);

  it('names an event whose booking was lost, changes nothing unless told to, and brings the booking back as it was', async () => {
    const before = await booked('10:00');
    await lose(before);
    const listed = await reconcile();
    expect(listed.code).toBe(1);
    expect(listed.output).toContain(`${before.reference} (${before.id}): an event without a booking`);
    expect(listed.output).toContain('Nothing was changed.');
    expect(listed.output).not.toContain('Ana');
    expect((await request('GET', `/api/bookings/${before.id}`)).status).toBe(404);

    const brought = await reconcile('--bring-back');
    expect(brought.output).toContain('booking brought back');
    expect(brought.code).toBe(0);
    await eventually(async () => {
      const { body } = await request<BookingView>('GET', `/api/bookings/${before.id}`);
      expect(body).toMatchObject({ calendar: { status: 'synced' } });
    });
    const { body: after } = await request<BookingView>('GET', `/api/bookings/${before.id}`);
    const same = [
      'reference',
      'status',
      'startsAt',
      'endsAt',
      'serviceId',
      'resourceId',
      'name',
      'phone',
    ] as const;
    for (const field of [...same, 'phoneExtension', 'email', 'purpose', 'meetLink'] as const)
      expect(after[field]).toBe(before[field]);
    expect(events()).toHaveLength(1);
    expect((await reconcile()).code).toBe(0);
  }, 120_000);

  it('brings a booking back of which the backup has the hold only', async () => {
    const before = await booked('10:00');
    await lose(before);
    await service.database.query(
      `INSERT INTO booking (tenant_id, id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone, local_date,
         source, hold_expires_at)
       VALUES ($1, $2, $3, $4, $5, 'held', $6, $7, tstzrange($6, $7), 'UTC', $8, 'agent', now() - interval '1 minute')`,
      [
        ...[owner.id, before.id, before.reference, before.resourceId, before.serviceId],
        ...[before.startsAt, before.endsAt, date],
      ],
    );
    expect((await reconcile()).output).toContain(`(${before.id}): an event without a booking`);
    expect((await reconcile('--bring-back')).output).toContain('booking brought back');
    const { body: after } = await request<BookingView>('GET', `/api/bookings/${before.id}`);
    expect(after).toMatchObject({ reference: before.reference, status: 'confirmed', name: before.name });
  }, 120_000);

  it('answers a repeated key with the booking that was brought back', async () => {
    const headers = { 'idempotency-key': 'from-before-the-restore' };
    const before = await booked('11:00', headers);
    await lose(before);
    await synchronised(service.database, owner.id);
    await reconcile('--bring-back');
    const again = await book('11:00', headers);
    expect(again.body).toMatchObject({ id: before.id, reference: before.reference });
  }, 120_000);

  it('never books twice: where the time is booked by now the event is named, and taken away when told to', async () => {
    const before = await booked('10:00');
    await lose(before);
    // The event is not in the way of what nobody has read.
    await service.database.query('DELETE FROM busy_block WHERE tenant_id = $1', [owner.id]);
    await service.database.query(
      `INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone, local_date,
         customer_name, phone, source)
       VALUES ($1, 'OTHER1', $2, $3, 'confirmed', $4, $5, tstzrange($4, $5), 'UTC', $6, 'Ben', '+14155550199', 'agent')`,
      [owner.id, before.resourceId, before.serviceId, before.startsAt, before.endsAt, date],
    );
    const kept = await reconcile('--bring-back');
    expect(kept.output).toContain('cannot be brought back: its time is booked');
    expect([kept.code, events().length]).toEqual([1, 1]);
    const taken = await reconcile('--bring-back', '--take-away');
    expect(taken.output).toContain('its time is booked; event taken away');
    expect([taken.code, events().length]).toEqual([0, 0]);
  }, 120_000);

  it('writes the event of a booking again that has none any more', async () => {
    const booking = await booked('10:00');
    // As if it had been removed after the backup: nobody here has seen it go.
    await service.database.query(
      `UPDATE calendar_sync SET due_at = now() + interval '1 hour' WHERE tenant_id = $1`,
      [owner.id],
    );
    owner.calendar.deleteEvent(events()[0]?.id ?? '');
    expect((await reconcile()).output).toContain(
      `${booking.reference} (${booking.id}): a booking without an event`,
    );
    expect((await reconcile('--bring-back')).output).toContain('event is written again');
    await eventually(() => expect(events()).toHaveLength(1));
    expect((await request<BookingView>('GET', `/api/bookings/${booking.id}`)).body.status).toBe('confirmed');
  }, 120_000);

  it('says how it is used when it is used otherwise', async () => {
    const { code, output } = await reconcile('--everything');
    expect(code).toBe(1);
    expect(output).toContain('Usage: npm run reconcile -- [--tenant ID] [--bring-back] [--take-away]');
  }, 120_000);
});
