import { at } from '../support/dates.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest } from './on-the-phone.js';

/* What one conversation, one number and one credential can take, so that none of them takes everything. */

let service: TestApp;
let receptionist: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
});
afterAll(() => service.close());

const days = [1, 2, 3, 4, 5].map((weekday) => coming(weekday));

/** The nth of forty times, all of them offered. */
function time(n: number): { date: string; time: string } {
  return { date: days[n % days.length] ?? '', time: `${9 + Math.floor(n / days.length)}:00` };
}

const book = (call: PhoneCall, n: number, wish: object = {}) =>
  call.say('create_booking', { name: 'Ana Flores', ...time(n), ...wish });
const hold = (call: PhoneCall, n: number) => call.say('hold_slot', time(n));

/** Does it so many times, all at once. What takes a busy machine too long is asked for again, which is safe. */
function atOnce(count: number, act: (n: number) => Promise<Heard>): Promise<Heard[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      for (let tries = 1; ; tries += 1) {
        const answer = await act(n);
        if (answer.code !== 'unavailable' || tries === 20) return answer;
      }
    }),
  );
}

function outcomes(answers: readonly Heard[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { ok, code = String(ok) } of answers) counted[code] = (counted[code] ?? 0) + 1;
  return counted;
}

async function allow(limits: Record<string, unknown>) {
  return service.request<{ errors?: { field: string }[] }>(
    'PATCH',
    `/api/admin/tenants/${receptionist.tenant.id}`,
    { key: ADMIN_KEY, body: limits },
  );
}

async function liveHolds(): Promise<number> {
  const rows = await service.database.query(
    `SELECT FROM booking WHERE tenant_id = $1 AND status = 'held' AND hold_expires_at > now()`,
    [receptionist.tenant.id],
  );
  return rows.length;
}

const tooMany = {
  ok: false,
  code: 'too_many_bookings',
  say: 'You already have as many appointments as I can book for one caller. For more, please ask our team.',
};

describe('one conversation', () => {
  it('books ten times to come at most, however many it asks for at once', async () => {
    const call = receptionist.from(null);
    const given = (n: number) => ({ phone: `+1415555${1000 + n}` });
    expect(outcomes(await atOnce(25, (n) => book(call, n, given(n))))).toEqual({
      true: 10,
      too_many_bookings: 15,
    });
    expect(await book(call, 30, given(30))).toMatchObject(tooMany);
    expect(await book(receptionist.from(null), 30, given(30))).toMatchObject({ ok: true });
  });

  it('books no more by way of holds', async () => {
    await allow({ maxBookingsPerConversation: 2 });
    const call = receptionist.from('+14155550123');
    for (const n of [0, 1]) {
      const { hold: held } = await hold(call, n);
      expect(await call.say('create_booking', { name: 'Ana Flores', hold_id: held?.id })).toMatchObject({
        ok: true,
      });
    }
    const { hold: held } = await hold(call, 2);
    expect(await call.say('create_booking', { name: 'Ana Flores', hold_id: held?.id })).toMatchObject(
      tooMany,
    );
    expect(await book(call, 2)).toMatchObject(tooMany);
    expect(await book(call, 1)).toMatchObject({ ok: true });
  });

  it('books again once it has cancelled, and may move what it has', async () => {
    await allow({ maxBookingsPerConversation: 2 });
    const call = receptionist.from('+14155550123');
    const [first, second] = [await book(call, 0), await book(call, 1)];
    expect(await book(call, 2)).toMatchObject(tooMany);
    expect(
      await call.say('reschedule_booking', { reference: second.booking?.reference, ...time(3) }),
    ).toMatchObject({ ok: true });
    await call.say('cancel_booking', { reference: first.booking?.reference });
    expect(await book(call, 2)).toMatchObject({ ok: true });
    expect(await book(call, 4)).toMatchObject(tooMany);
  });

  it('does not count what is over', async () => {
    await allow({ maxBookingsPerConversation: 1, maxBookingsPerNumber: 1 });
    const call = receptionist.from('+14155550123');
    await book(call, 0);
    await service.database.query(
      `UPDATE booking SET starts_at = starts_at - interval '60 days', ends_at = ends_at - interval '60 days',
         blocked = tstzrange(lower(blocked) - interval '60 days', upper(blocked) - interval '60 days')
       WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    expect(await book(call, 1)).toMatchObject({ ok: true });
  });

  it('holds three times at once, or as many as the organisation allows', async () => {
    const call = receptionist.from(null);
    await atOnce(10, (n) => hold(call, n));
    expect(await liveHolds()).toBe(3);
    await allow({ maxHoldsPerConversation: 5 });
    await atOnce(10, (n) => hold(call, n + 10));
    expect(await liveHolds()).toBe(5);
  });
});

describe('one number', () => {
  it('books twenty times to come at most, over all its calls at once', async () => {
    const calls = Array.from({ length: 26 }, () => receptionist.from('+14155550123'));
    const answers = await atOnce(26, (n) => book(calls[n] ?? receptionist, n));
    expect(outcomes(answers)).toEqual({ true: 20, too_many_bookings: 6 });
    const other = { phone: '+14155550999' };
    expect(await book(receptionist.from('+14155550123'), 30, other)).toMatchObject(tooMany);
    expect(await book(receptionist.from('+14155550999'), 30)).toMatchObject({ ok: true });
  });

  it('that is only given uses up nothing of whoever calls from it', async () => {
    await allow({ maxBookingsPerNumber: 2 });
    const anas = { phone: '+14155550123' };
    const calls = Array.from({ length: 4 }, () => receptionist.from(null));
    const answers = await atOnce(4, (n) => book(calls[n] ?? receptionist, n, anas));
    expect(outcomes(answers)).toEqual({ true: 2, too_many_bookings: 2 });
    expect(await book(receptionist.from('+14155550123'), 10)).toMatchObject({ ok: true });
  });

  it('holds six times at once at most, over all its calls', async () => {
    const calls = Array.from({ length: 9 }, () => receptionist.from('+14155550123'));
    const answers = await atOnce(9, (n) => hold(calls[n] ?? receptionist, n));
    expect(outcomes(answers)).toEqual({ true: 6, cannot_hold: 3 });
    expect(await hold(receptionist.from('+14155550999'), 20)).toMatchObject({ ok: true });
  });

  it('may hold another time in a call whose own hold gives way to it', async () => {
    await allow({ maxHoldsPerConversation: 2, maxHoldsPerNumber: 2 });
    const call = receptionist.from('+14155550123');
    for (const n of [0, 1, 2, 3]) expect(await hold(call, n)).toMatchObject({ ok: true });
    expect(await liveHolds()).toBe(2);
  });
});

describe('one credential', () => {
  it('holds twenty times at once at most, in however many calls', async () => {
    const calls = Array.from({ length: 24 }, () => receptionist.from(null));
    const answers = await atOnce(24, (n) => hold(calls[n] ?? receptionist, n));
    expect(outcomes(answers)).toEqual({ true: 20, cannot_hold: 4 });
    expect(await hold(receptionist.by('another key').from(null), 30)).toMatchObject({ ok: true });
  });

  it('books as often as it has callers', async () => {
    const answers = await atOnce(30, (n) => book(receptionist.from(`+1415555${1000 + n}`), n));
    expect(outcomes(answers)).toEqual({ true: 30 });
  });
});

describe('a family on one phone', () => {
  it('books three appointments each for three of them in one call', async () => {
    await allow({ maxBookingsPerConversation: 9 });
    const call = receptionist.from('+14155550123');
    for (let n = 0; n < 9; n++) {
      const name = ['Ana Flores', 'Ben Flores', 'Eva Flores'][n % 3];
      await hold(call, n);
      expect(await book(call, n, { name })).toMatchObject({ ok: true });
    }
  });
});

describe('a caller who speaks Spanish', () => {
  it('hears that it is enough in Spanish', async () => {
    await allow({ maxBookingsPerConversation: 1 });
    const call = receptionist.from('+14155550123').as({ locale: 'es-MX' });
    await book(call, 0);
    expect((await book(call, 1)).say).toMatch(/^Ya tiene todas las citas que puedo reservar/);
  });
});

describe('the limits of an organisation', () => {
  it('are shown with it and changed one by one', async () => {
    const usual = {
      maxHoldsPerConversation: 3,
      maxHoldsPerNumber: 6,
      maxHoldsPerKey: 20,
      maxBookingsPerConversation: 10,
      maxBookingsPerNumber: 20,
    };
    expect((await allow({})).body).toMatchObject(usual);
    expect((await allow({ maxHoldsPerKey: 40 })).body).toMatchObject({ ...usual, maxHoldsPerKey: 40 });
    const path = `/api/admin/tenants/${receptionist.tenant.id}`;
    const shown = await service.request('GET', path, { key: ADMIN_KEY });
    expect(shown.body).toMatchObject({ ...usual, maxHoldsPerKey: 40 });
  });

  it.each([0, 1001, 1.5, '5', null])('are not %j', async (wrong) => {
    expect(await allow({ maxBookingsPerNumber: wrong })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'maxBookingsPerNumber' }] },
    });
  });
});

describe('bookings that the organisation makes itself', () => {
  it('count for no caller', async () => {
    await allow({ maxBookingsPerNumber: 1, maxBookingsPerConversation: 1 });
    for (const hour of ['09:00', '10:00', '11:00']) {
      await rest(service, receptionist.tenant, 'POST', '/api/bookings', {
        startsAt: at(days[0] ?? '', hour),
        name: 'Ana Flores',
        phone: '+14155550123',
      });
    }
    expect(await book(receptionist.from('+14155550123'), 30)).toMatchObject({ ok: true });
  });
});
