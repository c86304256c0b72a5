import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { at, upcoming } from '../support/dates.js';
import { encodeSlotId } from '../../src/booking/slot-id.js';
import { appendFileSync } from 'node:fs';

const log = (...parts: unknown[]) => appendFileSync('/tmp/scratch1.log', parts.map((p) => typeof p === 'string' ? p : JSON.stringify(p)).join(' ') + '\n');

describe('probe', () => {
  let app: TestApp; let t: TestTenant; const date = upcoming(3);
  beforeAll(async () => {
    app = await startTestApp(); t = await aTenant(app);
  });
  afterAll(() => app.close());
  const person = { name: 'Ana', phone: '+14155550123' };

  it('probes', async () => {
    const say = async (label: string, method: any, path: string, opt: any = {}) => {
      const a = await app.request<any>(method, path, { key: t.key, ...opt });
      log(a.status === 503 || a.status >= 500 ? '!!!' : '   ', a.status, label, JSON.stringify(a.body).slice(0, 260));
      return a;
    };
    for (const s of ['2027-02-30T14:00:00Z','0000-01-01T00:00:00Z','+275760-09-13T00:00:00Z','2027-01-20T14:00:60Z','2027-01-20t14:00:00z','2027-01-20T14:00:00.123456789Z','2027-01-20T24:00:00Z','2027-01-20T14:00:00+99:99','2027-01-20T14:00:00+23:59','2027-W03-3T14:00:00Z','2027-020T14:00:00Z','20270120T140000Z','2027-01-20T14Z','2027-01-20T14:00Z','2027-01-20T14,5Z','2027-01-20T14:00:00-00:00','+2027-01-20T14:00:00Z','-2027-01-20T14:00:00Z','9999-12-31T23:59:59Z','0001-01-01T00:00:00Z','2027-01T14:00:00Z','2027T14:00Z','T14:00:00Z','2027-01-20T14:00:00 Z','2027-01-20T14:00:00Z\n','2027-01-20T14:00:00.Z','2027-1-20T14:00:00Z'])
      await say('startsAt ' + s, 'POST', '/api/bookings', { body: { startsAt: s, ...person } });
    for (const q of ['from=2027-W03','from=2027-020','from=2027','from=0000-01-01','to=9999-12-31T23:59:59Z','from=%2B275760-09-13','from=2027-02-30','from=2027-01-20T14:00:60Z','from=2027-01-20T24:00:00Z','from=-2027-01-01','from=2027-01-20T14:00:00%2B99:99','from=20270120','limit=1e2','limit=NaN','limit=','limit=0x10','limit=5&limit=6','status=held','status=confirmed&status=cancelled','phone=%2B1415','phone=%00','cursor='+Buffer.from('5 ------------------------------------').toString('base64url'),'cursor='+Buffer.from('-99999999999999 00000000-0000-0000-0000-000000000000').toString('base64url'),'cursor='+Buffer.from('99999999999999 00000000-0000-0000-0000-000000000000').toString('base64url'),'cursor=%00','cursor=','cursor=@@@','from[]=x','from[a]=b','__proto__[a]=b','constructor=1','unknown=1'])
      await say('list ' + q, 'GET', '/api/bookings?' + q);
    for (const q of ['date=2027-02-30','date=0000-01-01','date=2200-01-01','date=2199-12-31','from=2199-12-31','to=2199-12-31','from=2000-01-01','date=2000-01-01','date=','date=2027-01-20&from=2027-01-20','from=2027-01-20&to=2027-01-01','from=2027-01-01&to=2027-03-03','from=2027-01-01&to=2027-03-04','serviceId=x','serviceId=00000000-0000-0000-0000-000000000000','serviceId=ffffffff-ffff-ffff-ffff-ffffffffffff','resourceId=00000000-0000-0000-0000-000000000000','timePreference=ANY','date=2027-01-20&date=2027-01-21','date[]=2027-01-20','date=%002027','timePreference=toString'])
      await say('avail ' + q, 'GET', '/api/availability?' + q);
    const av = await say('av', 'GET', `/api/availability?date=${date}`);
    const svc = av.body.service.id, res = av.body.slots[0].resourceId;
    for (const start of [0, 0xffffffff*60000, 4102444800000])
      await say('slot start ' + start, 'POST', '/api/bookings', { body: { slotId: encodeSlotId({ serviceId: svc, resourceId: res, start }), ...person } });
    await say('slot upper', 'POST', '/api/bookings', { body: { startsAt: at(date, '09:00'), serviceId: svc.toUpperCase(), resourceId: res.toUpperCase(), ...person } });
    await say('both', 'POST', '/api/bookings', { body: { startsAt: at(date, '09:00'), slotId: av.body.slots[1].slotId, ...person } });
    await say('null slot', 'POST', '/api/bookings', { body: { startsAt: null, slotId: av.body.slots[1].slotId, email: null, purpose: null, serviceId: null, ...person } });
    const names = ['a\nb', 'a\u2028b', '\u202Eevil', '😀', 'x'.repeat(200), 'x'.repeat(201), ' ', '\u200b', '<script>', 'a\0b', '\ud800', '\u0007bell', 'a\tb', ['a'], { a: 1 }, 5, true, null];
    const slots = ['10:00','11:00','12:00','13:00','14:00','15:00','16:00'];
    const d2 = [upcoming(1), upcoming(2), upcoming(4), upcoming(5)];
    let i = 0;
    for (const name of names) { const d = d2[Math.floor(i / 7)]!; const s = slots[i++ % 7]!; await say('name ' + JSON.stringify(name).slice(0,30), 'POST', '/api/bookings', { body: { startsAt: at(d, s), ...person, name } }); }
    for (const phone of ['+14155550123;ext=5','+1 (415) 555-0123 x123','tel:+14155550123','004155550123','+999999999999999','+1415555012312312','+1','+١٤١٥٥٥٥٠١٢٣','+14155550123\n','１４１５','+14155550123 ext 4','+'.repeat(41)])
      await say('phone ' + phone, 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', name: 'x', phone } });
    for (const email of ['a@b', 'a@b.com\n', 'A@B.COM', '"x y"@b.com', 'a@[127.0.0.1]', 'ü@münchen.de', 'a@b.com'.padStart(255,'a'), ' a@b.com', 'a@b.com,c@d.com', '<a@b.com>', 'Name <a@b.com>', 'a@b.com\r\nBcc: x@y.z'])
      await say('email ' + email, 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', ...person, email } });
    await say('unknown fields', 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', ...person, toString: 1, constructor: { prototype: { a: 1 } }, hasOwnProperty: 'x' } });
    for (const body of [[], [[]], 'x', '"x"', 'null', '5', 'true', '{"__proto__":{"a":1}}', '{"a":{"__proto__":1}}', '['.repeat(100) + ']'.repeat(100), '{', '\uFEFF{}', '{"name":1e999}', '{"name":"\\ud800"}'])
      await say('body ' + JSON.stringify(body).slice(0,50), 'POST', '/api/bookings', { body, headers: { 'content-type': 'application/json' } });
    for (const ct of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'application/problem+json', '', 'x', 'application/json;;;', 'APPLICATION/JSON'])
      await say('ct ' + ct, 'POST', '/api/bookings', { body: '{"name":"x"}', headers: { 'content-type': ct } });
    await say('no body', 'POST', '/api/bookings', {});
    const ok = await say('book', 'POST', '/api/bookings', { body: { startsAt: at(upcoming(1), '09:00'), ...person } });
    await say('cancel no body', 'POST', `/api/bookings/${ok.body.id}/cancel`);
    await say('cancel upper', 'POST', `/api/bookings/${ok.body.id.toUpperCase()}/cancel`, { body: {} });
    await say('cancel null reason', 'POST', `/api/bookings/${ok.body.id}/cancel`, { body: { reason: null } });
    await say('cancel []', 'POST', `/api/bookings/${ok.body.id}/cancel`, { body: [] });
    await say('get weird', 'GET', `/api/bookings/%00`);
    await say('get weird', 'GET', `/api/bookings/%E0%A4%A`);
    await say('get weird', 'GET', `/api/bookings/..%2F..%2Fadmin`);
    await say('get long', 'GET', `/api/bookings/${'a'.repeat(300)}`);
    for (const k of ['', ' ', 'a b', 'a,b', 'x'.repeat(255), 'x'.repeat(256), 'é'])
      await say('idem ' + k.slice(0,10) + k.length, 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', ...person }, headers: { 'idempotency-key': k } });
    await say('idem repeated', 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', ...person }, headers: { 'idempotency-key': ['a', 'b'] as any } });
    await say('xrid', 'POST', '/api/bookings', { body: { startsAt: '2020-01-01T00:00:00Z', ...person }, headers: { 'x-request-id': 'a\tb<script>' } });
  }, 120000);
});
