import { synchronised } from '../calendar/mirror/mirrored.js';
import { at } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type PhoneCall } from './on-the-phone.js';

const email = 'owner@acme-dental.example';
const [wednesday, thursday] = [coming(3), coming(4)];

let service: TestApp;
let call: PhoneCall;

beforeAll(async () => {
  // As patient as can be configured: who calls a tool is not.
  service = await startTestApp({ calendarBudgetMs: 10_000 });
  service.google.addAccount({ email, timeZone: 'America/New_York' });
  call = (await aReceptionist(service)).from('+14155550123');
  expect((await connectGoogle(service, call.tenant, email)).status).toBe(200);
  await synchronised(service.database, call.tenant.id);
});
afterEach(() => service.google.clearFaults());
afterAll(() => service.close());

describe('while Google hangs', () => {
  it('every tool does what it is asked to within two seconds', async () => {
    service.google.fault({ hang: true, times: Infinity });
    const twoPm = { date: wednesday, time: '2 PM' };
    const { hold } = await call.say('hold_slot', twoPm);
    for (const [tool, body] of [
      ['check_availability', twoPm],
      ['hold_slot', twoPm],
      ['create_booking', { name: 'Ana Flores', hold_id: hold?.id }],
      ['create_booking', { name: 'Ana Flores', ...twoPm, time: '4 PM' }],
      ['find_booking', {}],
    ] as const) {
      const began = performance.now();
      expect([tool, await call.say(tool, body)]).toMatchObject([tool, { ok: true }]);
      expect(performance.now() - began).toBeLessThan(2_000);
    }
    const { bookings = [] } = await call.say('find_booking');
    const [first, second] = bookings;
    for (const [tool, body] of [
      ['reschedule_booking', { reference: first?.reference, date: thursday, time: '9 AM' }],
      ['cancel_booking', { reference: second?.reference }],
    ] as const) {
      const began = performance.now();
      expect([tool, await call.say(tool, body)]).toMatchObject([tool, { ok: true }]);
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  }, 30_000);

  it('and the calendar has it all once Google is back', async () => {
    await eventually(() => {
      const events = service.google.account(email).calendar().events();
      expect(events.map((event) => Date.parse(event.start?.dateTime ?? ''))).toEqual([
        Date.parse(at(thursday, '09:00')),
      ]);
    }, 40_000);
  }, 45_000);
});
