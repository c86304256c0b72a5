import { createApp } from '../../src/create-app.js';
import { Purge } from '../../src/tenant/purge.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, PhoneCall, rest } from './on-the-phone.js';

/* Wrong references are counted for whoever names them, so that nobody finds somebody's booking by going through references. */

const wednesday = coming(3);
const anasNumber = '+14155550123';

let service: TestApp;
let receptionist: PhoneCall;
let ana: PhoneCall;
let reference: string;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
  ana = receptionist.from(anasNumber);
  const booked = await ana.say('create_booking', { name: 'Ana Flores', date: wednesday, time: '2 PM' });
  reference = booked.booking?.reference ?? '';
});
afterAll(() => service.close());

const LETTERS = 'ACDEFGHJKMNPQRTWXY34679';

/** The nth reference that no booking has: `Z` is in none. */
function wrong(n: number): string {
  return `Z${[0, 1, 2, 3, 4].map((place) => LETTERS[Math.floor(n / 23 ** place) % 23]).join('')}`;
}

const TOOLS = ['find_booking', 'cancel_booking', 'reschedule_booking'] as const;

function guess(call: PhoneCall, n: number): Promise<Heard> {
  return call.say(TOOLS[n % TOOLS.length] ?? 'find_booking', {
    reference: wrong(n),
    date: wednesday,
    time: '3 PM',
  });
}

/** Names so many wrong references at once, each as `call` says. */
function guesses(count: number, call: (n: number) => PhoneCall): Promise<Heard[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => guess(call(n), n)));
}

const unknown = expect.objectContaining({ ok: false, code: 'unknown_booking' }) as object;
const locked = {
  ok: false,
  code: 'too_many_references',
  say: "I can't look up any more references right now. Please call again from the number you booked with.",
};

/**
 * So many were looked up, and counted; all others were refused. A guess that takes a busy machine too long is looked up and
 * counted all the same.
 */
async function expectLookedUp(most: number, answers: readonly Heard[]): Promise<void> {
  await eventually(async () => expect(await rows()).toHaveLength(most));
  const heard = (wanted: string) => answers.filter(({ code }) => code === wanted).length;
  const tooLong = heard('unavailable');
  expect(heard('unknown_booking')).toBeLessThanOrEqual(most);
  expect(heard('unknown_booking') + tooLong).toBeGreaterThanOrEqual(most);
  expect(heard('unknown_booking') + tooLong + heard('too_many_references')).toBe(answers.length);
}

function rows(): Promise<object[]> {
  return service.database.query(`SELECT FROM reference_guess WHERE tenant_id = $1`, [receptionist.tenant.id]);
}

describe('wrong references', () => {
  it('end the search in a conversation after ten, however many are named at once', async () => {
    const call = receptionist.from('+14155550777');
    await expectLookedUp(10, await guesses(50, () => call));
    for (const tool of TOOLS) {
      expect(await call.say(tool, { reference, date: wednesday, time: '3 PM' })).toMatchObject(locked);
    }
    expect(await receptionist.from(null).say('find_booking', { reference })).toMatchObject({ ok: true });
  });

  it('leave the caller’s own bookings within reach', async () => {
    await guesses(12, () => ana);
    expect(await ana.say('find_booking', { reference: wrong(1) })).toMatchObject(locked);
    expect(await ana.say('find_booking', { reference })).toMatchObject({ ok: true });
    expect(await ana.say('cancel_booking', { reference })).toMatchObject({ ok: true });
  });

  it('count once however often the same one is named, and right ones not at all', async () => {
    const call = receptionist.from(null);
    for (let n = 0; n < 12; n++) {
      expect(await guess(call, 0)).toEqual(unknown);
      expect(await call.say('find_booking', { reference })).toMatchObject({ ok: true });
    }
  });

  it('leave a few rows only, however many conversations name the same one', async () => {
    for (let n = 0; n < 30; n++) {
      const call = receptionist.as({ voiceCall: { id: `call ${n}`, caller: null, dialled: null } });
      expect(await guess(call, 0)).toEqual(unknown);
    }
    expect(await rows()).toHaveLength(20);
  });

  it('count for a number across its conversations', async () => {
    await expectLookedUp(20, await guesses(25, () => receptionist.from('+14155550777')));
    const again = receptionist.from('+14155550777');
    expect(await again.say('find_booking', { reference })).toMatchObject(locked);
  });

  it.each([
    ['with a new conversation for each', () => receptionist.from(null)],
    ['with another number for each', (n: number) => receptionist.from(`+1415555${1000 + n}`)],
    ['where nothing tells conversations apart', () => receptionist],
  ])('count for a credential: a hundred in an hour, %s', async (_, call) => {
    await expectLookedUp(100, await guesses(120, call));
    expect(await receptionist.from(null).say('cancel_booking', { reference })).toMatchObject(locked);
    expect(await ana.say('find_booking', { reference })).toMatchObject({ ok: true });
    expect(await ana.say('find_booking')).toMatchObject({ ok: true });
    const elsewhere = receptionist.by('another key');
    expect(await elsewhere.from(null).say('find_booking', { reference })).toMatchObject({ ok: true });
  });

  it('count for an organisation over all its credentials, and keep no more rows than that', async () => {
    await expectLookedUp(200, await guesses(230, (n) => receptionist.by(`key ${n % 4}`).from(null)));
    const fresh = receptionist.by('a fresh key').from(null);
    expect(await fresh.say('find_booking', { reference })).toMatchObject(locked);
    expect(await rows()).toHaveLength(200);
    const neighbour = (await aReceptionist(service)).from(null);
    expect(await neighbour.say('find_booking', { reference: wrong(0) })).toEqual(unknown);
  });

  it('count over all instances', async () => {
    const other = await createApp(service.settings);
    await other.init();
    try {
      const second = new PhoneCall({ ...service, app: other }, receptionist.tenant);
      const call = { voiceCall: { id: 'one call', caller: null, dialled: null } };
      await expectLookedUp(10, await guesses(20, (n) => (n % 2 ? second : receptionist).as(call)));
    } finally {
      await other.close();
    }
  });

  it('are what the credential is not confined to, too', async () => {
    const [serviceIds, resourceIds] = [['2c1b7f6a-5c5a-4ed3-9f3d-5b1f6f1f3a50'], []];
    const confined = receptionist.from(null).as({ scope: { serviceIds, resourceIds } });
    expect(await confined.say('find_booking', { reference })).toEqual(unknown);
    expect(await guesses(9, () => confined)).toEqual(Array.from({ length: 9 }, () => unknown));
    expect(await guess(confined, 10)).toMatchObject(locked);
  });

  it('are forgotten after an hour', async () => {
    const call = receptionist.from(null);
    await guesses(10, () => call);
    expect(await call.say('find_booking', { reference })).toMatchObject(locked);
    await service.database.query(
      `UPDATE reference_guess SET at = at - interval '1 hour' WHERE tenant_id = $1`,
      [receptionist.tenant.id],
    );
    expect(await call.say('find_booking', { reference })).toMatchObject({ ok: true });
    await service.app.get(Purge).purge();
    const rows = await service.database.query(`SELECT FROM reference_guess WHERE tenant_id = $1`, [
      receptionist.tenant.id,
    ]);
    expect(rows).toEqual([]);
  });

  it('are answered in Spanish as well', async () => {
    const call = receptionist.from(null).as({ locale: 'es-MX' });
    await guesses(10, () => call);
    expect((await guess(call, 11)).say).toMatch(/^Ahora mismo no puedo buscar más referencias\./);
  });

  it('do not count what is no reference at all', async () => {
    const call = receptionist.from(null);
    for (let n = 0; n < 12; n++) await call.say('find_booking', { reference: 'the one on Tuesday' });
    expect(await call.say('find_booking', { reference })).toMatchObject({ ok: true });
  });
});

describe('a booking that is found by its reference', () => {
  it('is the one that REST shows', async () => {
    const found = await receptionist.from(null).say('find_booking', { reference });
    const path = `/api/bookings?reference=${reference}`;
    const { items } = await rest<{ items: { startsAt: string; name: string }[] }>(
      service,
      receptionist.tenant,
      'GET',
      path,
    );
    expect(found.bookings).toMatchObject([
      { reference, starts_at: items[0]?.startsAt, name: items[0]?.name, status: 'confirmed' },
    ]);
  });
});
