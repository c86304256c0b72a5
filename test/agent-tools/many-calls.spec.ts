import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type Heard, type PhoneCall, rest } from './on-the-phone.js';

const wednesday = coming(3);
const times = ['9 AM', '10 AM', '11 AM', '12 PM'];

let service: TestApp;

beforeAll(async () => {
  service = await startTestApp();
});
afterAll(() => service.close());

/** The same on every run. */
function* chosen(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

describe('many callers at once, who hold, book, move and cancel the same few times', () => {
  it.each([1, 2, 3])('all hear a sentence, and nothing is given twice (%i)', async (seed) => {
    const receptionist = await aReceptionist(service);
    const { tenant } = receptionist;
    const second = await rest<{ id: string }>(service, tenant, 'POST', '/api/resources', { name: 'Sam' });
    const { items } = await rest<{ items: [{ id: string }] }>(service, tenant, 'GET', '/api/resources');
    const { items: services } = await rest<{ items: [{ id: string }] }>(
      service,
      tenant,
      'GET',
      '/api/services',
    );
    await rest(service, tenant, 'PATCH', `/api/services/${services[0].id}`, {
      resourceIds: [items[0].id, second.id],
      maxPerDay: seed === 3 ? 3 : null,
    });
    const random = chosen(seed);
    const pick = <Item>(of: readonly Item[]): Item =>
      of[Math.floor((random.next().value ?? 0) * of.length)] as Item;
    const callers = [1, 2, 3, 4].map((n) => receptionist.from(`+1415555010${n}`));
    const one = (call: PhoneCall): Promise<Heard> => {
      const time = { date: wednesday, time: pick(times) };
      const tool = pick([
        'hold_slot',
        'hold_slot',
        'create_booking',
        'reschedule_booking',
        'cancel_booking',
        'find_booking',
      ]);
      return call.say(tool, { ...time, name: 'Ana Flores' });
    };
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(Array.from({ length: 16 }, () => one(pick(callers))));
      expect(answers.filter(({ code }) => code === 'unavailable')).toEqual([]);
    }
    const [counted] = await service.database.query<{ holders: number; most: number; taken: number }>(
      `SELECT count(*)::int AS taken,
         (SELECT coalesce(max(n), 0)::int FROM (
           SELECT count(*) AS n FROM booking WHERE tenant_id = $1 AND status = 'held' GROUP BY held_for) held) AS most
       FROM booking WHERE tenant_id = $1 AND status IN ('held', 'confirmed')`,
      [tenant.id],
    );
    expect(counted?.most).toBeLessThanOrEqual(3);
    expect(counted?.taken).toBeLessThanOrEqual(seed === 3 ? 3 : 8);
    const twice = await service.database.query(
      `SELECT phone, starts_at FROM booking WHERE tenant_id = $1 AND status = 'confirmed'
       GROUP BY phone, starts_at HAVING count(*) > 1`,
      [tenant.id],
    );
    expect(twice).toEqual([]);
  });
});
