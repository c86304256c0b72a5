import type { BookingView } from '../../src/booking/booking.js';
import { CALENDAR_WRITES } from '../../src/calendar/calendar-writes.queue.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const ATTEMPT_MS = 900;

describe('a booking that is cancelled while its event is being written', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let email: string;
  let tenants = 0;
  const date = upcoming(4);

  beforeAll(async () => {
    app = await startTestApp({ calendarBudgetMs: 600, calendarAttemptMs: ATTEMPT_MS });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.google.clearFaults();
    tenant = await aTenant(app);
    email = `owner${++tenants}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
  });

  const book = (time = '10:00') =>
    app.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, time), name: 'Ana Flores', phone: '+14155550123' },
    });
  const cancel = (id: string) =>
    app.request<BookingView>('POST', `/api/bookings/${id}/cancel`, { key: tenant.key, body: {} });
  const all = async () =>
    (await app.request<{ items: BookingView[] }>('GET', '/api/bookings', { key: tenant.key })).body.items;
  const events = () => app.google.account(email).calendar().events();
  /** As soon as the booking is there, before whoever booked has an answer. */
  const bookedId = async () => {
    let id = '';
    await eventually(async () => {
      id = (await all())[0]!.id;
    });
    return id;
  };
  /** Nothing is wanted, tried or waited for any more, apart from a look in a minute. */
  const settled = () =>
    eventually(async () => {
      const rows = await app.database.query<{ state: string; written: boolean; leased: boolean }>(
        `SELECT state, written_version = version AS written, lease_until IS NOT NULL AS leased FROM event_write
         WHERE tenant_id = $1`,
        [tenant.id],
      );
      for (const row of rows) expect(row).toEqual({ state: 'synced', written: true, leased: false });
    }, 20_000);
  /** Brings forward the looks that are taken a minute later for events that may still appear. */
  const aMinuteLater = () =>
    app.database.query(`UPDATE pgboss.job SET start_after = now() WHERE name = $1 AND state < 'active'`, [
      CALENDAR_WRITES,
    ]);

  /** Until Google has done what it was late with. */
  const lastWords = ({ delayMs = 0 }: StandInFault) => new Promise((resolve) => setTimeout(resolve, delayMs));

  const troubles: [string, StandInFault][] = [
    ['is quick', { on: 'events.insert', delayMs: 1 }],
    ['is slow', { on: 'events.insert', delayMs: 400 }],
    ['answers when nobody waits any more', { on: 'events.insert', delayMs: ATTEMPT_MS + 500, times: 3 }],
    ['makes the event and loses the answer', { on: 'events.insert', loseAnswer: true }],
    ['fails', { on: 'events.insert', status: 503 }],
    ['fails to remove it at first', { on: 'events.delete', status: 503, times: 4 }],
    ['loses the answer to the removal', { on: 'events.delete', loseAnswer: true }],
  ];

  it.each(troubles)(
    'has no event in the end when Google %s',
    async (_, fault) => {
      app.google.fault({ ...fault, account: email });
      const booking = book();
      const id = await bookedId();
      const [booked, cancelled] = await Promise.all([booking, cancel(id)]);
      expect([booked.status, cancelled.status]).toEqual([201, 200]);
      await settled();
      await lastWords(fault);
      await eventually(async () => {
        await aMinuteLater();
        expect(events()).toEqual([]);
      });
      expect(await all()).toMatchObject([{ id, status: 'cancelled' }]);
      // The time is free again, in the calendar too.
      app.google.clearFaults();
      expect((await book()).status).toBe(201);
      await settled();
      expect(events()).toHaveLength(1);
    },
    40_000,
  );

  it('is cancelled once by twenty who cancel it at once', async () => {
    const { body } = await book();
    const answers = await Promise.all(Array.from({ length: 20 }, () => cancel(body.id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body: { cancelledAt } }) => cancelledAt)).size).toBe(1);
    await settled();
    expect(events()).toEqual([]);
    const removals = app.google.requests.filter(
      ({ operation, accountEmail }) => operation === 'events.delete' && accountEmail === email,
    );
    expect(removals).toHaveLength(1);
  });

  it('leaves its time to the next one: booked, cancelled and booked again ten times by three at once', async () => {
    const kept: string[] = [];
    const caller = async (): Promise<void> => {
      for (let round = 0; round < 10; round += 1) {
        const { status, body } = await book('11:00');
        expect([201, 409]).toContain(status);
        if (status !== 201) continue;
        if (round < 9) expect((await cancel(body.id)).status).toBe(200);
        else kept.push(body.id);
      }
    };
    await Promise.all([caller(), caller(), caller()]);
    await settled();
    const confirmed = (await all()).filter(({ status }) => status === 'confirmed');
    expect(confirmed.map(({ id }) => id)).toEqual(kept);
    expect(kept.length).toBeLessThanOrEqual(1);
    expect(events().map(({ id }) => id.slice(2, 34))).toEqual(kept.map((id) => id.replaceAll('-', '')));
  }, 40_000);
});
