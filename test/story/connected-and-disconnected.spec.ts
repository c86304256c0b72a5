import type { BookingView } from '../../src/booking/booking.js';
import { blocksOf, synchronised } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('a calendar that is connected and disconnected while bookings go on', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let email: string;
  let tenants = 0;
  const dates = [upcoming(1), upcoming(2), upcoming(3), upcoming(4)];

  beforeAll(async () => {
    app = await startTestApp({ calendarBudgetMs: 600, calendarAttemptMs: 900 });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.google.clearFaults();
    tenant = await aTenant(app);
    email = `owner${++tenants}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
  });

  const book = (date: string, time: string) =>
    app.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name: 'Ana', phone: '+14155550123' },
    });
  const cancel = (id: string) =>
    app.request('POST', `/api/bookings/${id}/cancel`, { key: tenant.key, body: {} });
  const disconnect = () => app.request('DELETE', '/api/tenant-calendar/disconnect', { key: tenant.key });
  const all = async () =>
    (await app.request<{ items: BookingView[] }>('GET', '/api/bookings?limit=200', { key: tenant.key })).body
      .items;
  const marks = (address = email) =>
    app.google
      .account(address)
      .calendar()
      .events()
      .map(({ id }) => id.slice(2, 34))
      .sort();
  const markOf = ({ id }: BookingView) => id.replaceAll('-', '');
  const eventsAreAsBooked = () =>
    eventually(async () => {
      const confirmed = (await all()).filter(({ status }) => status === 'confirmed');
      expect(confirmed.map(({ calendar }) => calendar.status)).toEqual(confirmed.map(() => 'synced'));
      expect(marks()).toEqual(confirmed.map(markOf).sort());
    }, 25_000);

  /** Of the tenant's calendars that are not connected (any more) nothing is kept; of the others, no event of ours is in the way. */
  const mirrorIsClean = async () => {
    await synchronised(app.database, tenant.id);
    expect(await blocksOf(app.database, tenant.id)).toEqual([]);
    const mirrored = await app.database.query(
      `SELECT c.state, c.account_email AS email FROM calendar_sync s
       JOIN calendar k ON k.tenant_id = s.tenant_id AND k.id = s.calendar_id
       JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id WHERE s.tenant_id = $1`,
      [tenant.id],
    );
    expect(mirrored).toEqual([{ state: 'connected', email }]);
  };

  it('answers everybody, and after the last connecting each booking has one event and no cancelled one has any', async () => {
    const statuses: number[] = [];
    const kept: string[] = [];
    const owner = async () => {
      for (let round = 0; round < 4; round += 1) {
        statuses.push((await disconnect()).status);
        if (round % 2 === 0) app.google.revokeGrant(email);
        await connectGoogle(app, tenant, email);
      }
    };
    const receptionist = async (date: string) => {
      for (const hour of ['09', '10', '11', '12', '13', '14', '15', '16']) {
        const booked = await book(date, `${hour}:00`);
        statuses.push(booked.status);
        if (Number(hour) % 2 === 0) statuses.push((await cancel(booked.body.id)).status);
        else kept.push(booked.body.id);
      }
    };
    await Promise.all([owner(), ...dates.map(receptionist)]);
    expect([...new Set(statuses)].sort()).toEqual([200, 201, 204]);
    expect((await connectGoogle(app, tenant, email)).status).toBe(200);
    await eventsAreAsBooked();
    await mirrorIsClean();
    // Nor is any of that, once it is read again, taken for something that the owner did with an event.
    await eventsAreAsBooked();
    const confirmed = (await all()).filter(({ status }) => status === 'confirmed');
    expect(confirmed.map(({ id }) => id).sort()).toEqual(kept.sort());
  }, 90_000);

  it('is disconnected while an event is being written: the booking stays, and has its one event once it is connected again', async () => {
    app.google.fault({ on: 'events.insert', delayMs: 300, account: email });
    const booking = book(dates[0]!, '10:00');
    await eventually(() => {
      expect(
        app.google.requests.some(
          ({ operation, accountEmail }) => operation === 'events.insert' && accountEmail === email,
        ),
      ).toBe(true);
    });
    expect((await disconnect()).status).toBe(204);
    expect((await booking).status).toBe(201);
    expect((await connectGoogle(app, tenant, email)).status).toBe(200);
    await eventsAreAsBooked();
    await mirrorIsClean();
  }, 40_000);

  it('leaves no event of a booking that was cancelled while another account was connected', async () => {
    const { body: booked } = await book(dates[0]!, '11:00');
    const other = `other-${email}`;
    app.google.addAccount({ email: other, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, other);
    await eventually(() => {
      expect(marks(other)).toEqual([markOf(booked)]);
    });
    expect((await cancel(booked.id)).status).toBe(200);
    await eventually(() => {
      expect(marks(other)).toEqual([]);
    });
    // The first account's calendar could not be reached all the while.
    await connectGoogle(app, tenant, email);
    await eventually(() => {
      expect(marks()).toEqual([]);
    });
    await mirrorIsClean();
  }, 60_000);
});
