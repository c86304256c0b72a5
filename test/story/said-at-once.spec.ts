import type { BookingView } from '../../src/booking/booking.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

interface ToolAnswer {
  ok: boolean;
  say: string;
  code?: string;
  slots?: { slot_id: string }[];
  booking?: { id: string; reference: string };
}

describe('the same thing said several times at once', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let email: string;
  let tenants = 0;
  const date = upcoming(3);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aTenant(app);
    email = `owner${++tenants}@acme.example`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
  });

  const tool = (name: string, body: object) =>
    app.request<ToolAnswer>('POST', `/api/agent-tools/${name}`, { key: tenant.key, body });
  const book = (body: object, key?: string) =>
    app.request<BookingView & { code?: string }>('POST', '/api/bookings', {
      key: tenant.key,
      body: { name: 'Ana Flores', phone: '+14155550123', ...body },
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  const bookings = () => app.database.query('SELECT id FROM booking WHERE tenant_id = $1', [tenant.id]);
  const oneEvent = () =>
    eventually(() => {
      expect(app.google.account(email).calendar().events()).toHaveLength(1);
    });

  it('books once for an agent that says it by slot, by date and by another spelling', async () => {
    const { body: available } = await tool('check_availability', { date });
    const slotId = available.slots?.[2]?.slot_id;
    const person = { name: 'Ana Flores', phone: '(415) 555-0123' };
    const answers = await Promise.all([
      tool('create_booking', { slot_id: slotId, ...person }),
      tool('create_booking', { slotId, ...person }),
      tool('create_booking', { date, time: '11 AM', ...person }),
      tool('create_booking', { date, time: '11:00', ...person, phone: '+1 415 555 0123' }),
      tool('create_booking', { arguments: { slot_id: slotId, ...person, name: 'ana  flóres' } }),
    ]);
    expect(answers.map(({ body }) => body.ok)).toEqual([true, true, true, true, true]);
    expect(new Set(answers.map(({ body }) => body.booking?.reference)).size).toBe(1);
    expect(await bookings()).toHaveLength(1);
    await oneEvent();
  });

  it('books for one of ten callers who want one slot, and tells each of the others so', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        tool('create_booking', { date, time: '3 PM', name: 'Ben', phone: `+1415555020${index}` }),
      ),
    );
    expect(answers.filter(({ body }) => body.ok)).toHaveLength(1);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      if (!body.ok) expect(body).toMatchObject({ code: 'slot_taken' });
      expect(body.say).toContain('3 PM');
    }
    await oneEvent();
  });

  it('takes one of two requests with one Idempotency-Key that want different times', async () => {
    const answers = await Promise.all(
      ['09:00', '10:00', '09:00', '10:00', '12:00'].map((time) =>
        book({ startsAt: at(date, time) }, 'one-key'),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const { status, body } of answers) {
      if (status !== 201) expect([status, body.code]).toEqual([409, 'idempotency_key_reused']);
    }
    expect(await bookings()).toHaveLength(1);
    await oneEvent();
  });

  it('gives the first answer to a repeat, also when the booking is cancelled or its time is past being asked for', async () => {
    const first = await book({ startsAt: at(date, '13:00') }, 'again');
    await app.request('POST', `/api/bookings/${first.body.id}/cancel`, { key: tenant.key });
    const other = await book({ startsAt: at(date, '13:00'), phone: '+14155550199' });
    expect(other.status).toBe(201);
    const again = await book({ startsAt: at(date, '13:00') }, 'again');
    expect(again).toMatchObject({ status: 201, body: first.body });
  });

  it('a request that was refused leaves its Idempotency-Key free', async () => {
    expect((await book({ startsAt: at(date, '03:00') }, 'second-try')).status).toBe(422);
    expect((await book({ startsAt: at(date, '14:00') }, 'second-try')).status).toBe(201);
  });
});
