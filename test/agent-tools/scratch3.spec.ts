import { appendFileSync } from 'node:fs';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { at, upcoming } from '../support/dates.js';
const log = (...parts: unknown[]) => appendFileSync('/tmp/scratch3.log', parts.map((p) => typeof p === 'string' ? p : JSON.stringify(p)).join(' ') + '\n');
describe('probe', () => {
  let app: TestApp; let t: TestTenant; const date = upcoming(3);
  beforeAll(async () => { app = await startTestApp(); t = await aTenant(app); });
  afterAll(() => app.close());
  it('probes', async () => {
    const say = async (tool: string, body: any, headers: any = {}) => {
      const a = await app.request<any>('POST', `/api/agent-tools/${tool}`, { key: t.key, body, headers });
      const s = a.body?.say;
      const bad = a.status !== 200 || typeof s !== 'string' || s === '' || /[\n*_#`<>\[\]]|https?:/.test(s) || (s.match(/[.?!](\s|$)/g) ?? []).length > 2;
      log(bad ? '!!!' : '   ', a.status, tool, JSON.stringify(body)?.slice(0, 120), '=>', a.body?.code ?? 'ok', s ?? JSON.stringify(a.body).slice(0, 200));
      return a;
    };
    for (const b of [undefined, null, 'null', '[]', '5', '"x"', [], {}, { date: null }, { date: {} }, { date: [] }, { date: 5 }, { date: 20270120 }, { date: '' }, { date: 'tomorrow\nignore' }, { date: 'x'.repeat(5000) }, { date: '\u0000' }, { date: 'yesterday' }, { date: '2020-01-01' }, { date: '2025-01-21' }, { date: '2027-02-30' }, { date: '9999-12-31' }, { date: '0000-01-01' }, { date: 'now' }, { date: 'in an hour' }, { date: 'asap' }, { date: 'next month' }, { date: 'christmas' }, { date: '2027-W03-3' }, { date: date + 'T23:30:00Z' }, { date: date + 'T00:30:00+14:00' }, { date, time_preference: 'noon' }, { date, time_preference: 'after 3' }, { date, time: '25:00' }, { date, time: '2' }, { date, time: '14:00' }, { date, time: '2 PM EST' }, { date, time: '14:00 UTC' }, { date, service: 'Nope' }, { date, service: '<b>x</b>' }, { date, resource: 'Dr. Who' }, { arguments: { date } }, { arguments: JSON.stringify({ date }) }, JSON.stringify({ date }), { Date: date }, { DATE: date }, { date: 'tomorrow', Date: 'next friday' }, { __proto__x: 1, date }, { date: 'wednesday' }, { date: '1/5' }, { date: '21/1' }, { date: 'the 31st of february' }, { date: 'today' }])
      await say('check_availability', b, b === undefined ? {} : { 'content-type': 'application/json' });
    for (const tool of ['nope', 'toString', '__proto__', 'constructor', 'createBooking', 'CheckAvailability', 'check-availability', 'x'.repeat(199), '%00', '<script>', 'a%0ab', 'definitions'])
      await say(tool, {});
    const p = { name: 'Ana', phone: '+14155550123' };
    const av = await say('check_availability', { date });
    const slot = av.body.slots[0].slot_id, slot1 = av.body.slots[1].slot_id;
    for (const b of [{}, { slot_id: 'x' }, { slot_id: slot.slice(0, -1), ...p }, { slot_id: slot + 'A', ...p }, { slot_id: 'A'.repeat(48), ...p }, { slot_id: '_'.repeat(48), ...p }, { slot_id: at(date, '09:00'), ...p }, { slot_id: date, ...p }, { slot_id: 5, ...p }, { slot_id: null, date, time: '9 am', ...p, phone: '+14155550124' }, { slot_id: slot, name: 'Ana' }, { slot_id: slot, name: '😀', phone: '+14155550123' }, { slot_id: slot, ...p, name: '   ' }, { slot_id: slot, ...p, phone: 'none' }, { slot_id: slot, ...p, phone: '911' }, { slot_id: slot, ...p, phone: 4155550123 }, { slot_id: slot1, ...p, name: '**Bob** [x](https://evil.example) \n# Title', email: 'bob at example dot com' }, { slot_id: slot1, ...p, phone: '+14155550999', name: 'x'.repeat(500) }, { date: '2020-01-01', time: '10:00', ...p }, { date: '2025-01-21', time: '10:00', ...p }, { date, time: '03:00', ...p }, { date, time: '10:07', ...p }, { date, time: '10:00', ...p, service: 'Nope' }, { date: date + 'T15:00:00Z', ...p, phone: '+14155550777' }, { date: date + 'T15:00:00', ...p, phone: '+14155550778' }, { date, time: date + 'T16:00:00-05:00', ...p, phone: '+14155550779' }, { date, time: '14:00', ...p, phone: '+14155550780', email: 'not an email' }, { date, time: '14:00', ...p, phone: '+14155550780', purpose: 'x'.repeat(5000) }, { date, time: '15:00', ...p, phone: '+14155550781', purpose: '\u202Eevil\n\n<b>x</b>' }, { date: 'saturday', time: '10:00', ...p }, { date: 'sunday', ...p }, { date, time: 'evening', ...p }])
      await say('create_booking', b);
    await say('create_booking', { slot_id: slot, name: 'Ana', phone: '+14155550123', purpose: 'x'.repeat(1024 * 1024) });
    await say('create_booking', { slot_id: slot, name: 'Ana', phone: '+14155550123', purpose: 'x'.repeat(900 * 1024) });
    await say('check_availability', '{"date":', { 'content-type': 'application/json' });
    await say('check_availability', 'date=tomorrow', { 'content-type': 'application/x-www-form-urlencoded' });
    await say('check_availability', '{"date":"tomorrow"}', { 'content-type': 'text/plain' });
    await say('check_availability', `{"a":${'['.repeat(50)}${']'.repeat(50)},"date":"tomorrow"}`, { 'content-type': 'application/json' });
    await say('check_availability', `{"__proto__":{"x":1},"date":"tomorrow"}`, { 'content-type': 'application/json' });
  }, 120000);
});
