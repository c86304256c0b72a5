import { TOOL_SPECIFICATIONS } from '../../src/agent-tools/tools.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type PhoneCall, rest } from './on-the-phone.js';

const wednesday = coming(3);
const arguments_: Record<string, object> = {
  check_availability: { date: wednesday },
  hold_slot: { date: wednesday, time: '9 AM' },
  create_booking: { date: wednesday, time: '10 AM', name: 'Ana Flores' },
  find_booking: {},
  reschedule_booking: { date: wednesday, time: '11 AM' },
  cancel_booking: {},
  list_services: {},
  get_business_info: {},
};

let service: TestApp;
let call: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
  call = (await aReceptionist(service)).from('+14155550123');
  const { items } = await rest<{ items: [{ id: string }] }>(service, call.tenant, 'GET', '/api/services');
  await rest(service, call.tenant, 'PATCH', `/api/services/${items[0].id}`, {
    description: 'Bring the card.',
  });
});
afterAll(() => service.close());

/** The names of the fields, those in them and in what they list. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, shapeOf(field)]),
  );
}

describe('every tool', () => {
  // In this order: what is moved and cancelled was booked.
  it.each(TOOL_SPECIFICATIONS)(
    '$name answers in the shape that is documented',
    async ({ name, exampleAnswer }) => {
      const answer = await call.say(name, arguments_[name] ?? {});
      expect(answer).toMatchObject({ ok: true });
      const [said, documented] = [answer, exampleAnswer].map((each) => {
        const { special: _, ...hours } = ('hours' in each ? each.hours : {}) as { special?: unknown };
        return shapeOf({ ...each, alternatives: null, ...('hours' in each ? { hours } : {}) });
      });
      expect(said).toEqual(documented);
    },
  );

  it.each(TOOL_SPECIFICATIONS)(
    '$name can be defined on every platform',
    ({ name, description, parameters }) => {
      expect(name).toMatch(/^[a-z][a-z0-9_]{2,39}$/);
      expect(description.length).toBeLessThanOrEqual(1_000);
      expect(description).toContain('"say"');
      for (const [parameter, { description: said }] of Object.entries(parameters)) {
        expect(parameter).toMatch(/^[a-z][a-z_]*$/);
        expect(said.length).toBeGreaterThan(0);
        expect(said.length).toBeLessThanOrEqual(500);
      }
    },
  );

  it('says whether it has effects', () => {
    const named = (which: 'readOnly' | 'destructive') =>
      TOOL_SPECIFICATIONS.filter((tool) => tool[which]).map(({ name }) => name);
    expect(named('readOnly')).toEqual([
      'check_availability',
      'find_booking',
      'list_services',
      'get_business_info',
    ]);
    expect(named('destructive')).toEqual(['reschedule_booking', 'cancel_booking']);
  });

  it('asks for what it needs, whatever it is given', async () => {
    for (const { name } of TOOL_SPECIFICATIONS) {
      for (const body of [[], 'gibberish', 7, null, { a: { b: [] } }]) {
        const answer = await call.from(null).say(name, body as object);
        expect([name, answer.code]).not.toEqual([name, 'unavailable']);
      }
    }
  });
});
