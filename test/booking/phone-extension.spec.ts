import type { AuditPage } from '../../src/booking/audit.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import { CreateBookingDto, withoutExtensionInPhone } from '../../src/booking/booking.dto.js';
import type { HoldView } from '../../src/booking/hold.js';
import { toPhone } from '../../src/booking/phone.js';
import { at, upcoming } from '../support/dates.js';
import { connectGoogle, startTestApp, type TestApp } from '../support/test-app.js';
import { aDescribedTenant, type DescribedTenant, fieldsOf } from './described-week.js';

const number = '+14155550123';

describe('a phone number as it is written', () => {
  it.each([
    ['+1 415 555 0123', { number }],
    ['+1 415 555 0123 ext. 12', { number, extension: '12' }],
    ['+1 415 555 0123 x12', { number, extension: '12' }],
    ['+14155550123x12', { number, extension: '12' }],
    ['+14155550123;ext=12', { number, extension: '12' }],
    ['tel:+1-415-555-0123;ext=012', { number, extension: '012' }],
    ['+1 415 555 0123 extensión 12', { number, extension: '12' }],
    ['+1 415 555 0123 interno 12', { number, extension: '12' }],
    ['+1 415 555 0123, Int. 12', { number, extension: '12' }],
    ['+1 415 555 0123 anexo 12', { number, extension: '12' }],
    ['+52 1 55 1234 5678 ext. 12', { number: '+525512345678', extension: '12' }],
    ['+1 415 555 0123 ext. 12345678901234567890', { number, extension: '12345678901234567890' }],
    ['+1 415 555 0123 ext.', { number }],
    ['+1 415 555 0123 ext. 123456789012345678901', undefined],
    ['ext. 12', undefined],
  ])('%j is %j', (text, phone) => {
    expect(toPhone(text)).toEqual(phone);
  });
});

describe('a request without an extension', () => {
  it('has no field more than before, so that its idempotency key still fits', () => {
    const body = Object.assign(new CreateBookingDto(), { name: 'Ana Flores', phone: number });
    expect(Object.keys(withoutExtensionInPhone(body))).not.toContain('phoneExtension');
  });
});

describe('an extension', () => {
  let app: TestApp;
  let tenant: DescribedTenant;
  const monday = upcoming(1);

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    tenant = await aDescribedTenant(app);
  });

  const ask = <Body>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) =>
    tenant.ask<Body>(method, path, body);
  const ana = { name: 'Ana Flores', phone: '+1 415 555 0123 ext. 12' };
  const booked = async (body: object = {}): Promise<BookingView> => {
    const answer = await tenant.book(at(monday, '10:00'), { ...ana, ...body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const get = async (id: string) => (await ask<BookingView>('GET', `/api/bookings/${id}`)).body;
  const edit = (id: string, body: object) => ask<BookingView>('PATCH', `/api/bookings/${id}`, body);

  it('is kept beside the number, and null without one', async () => {
    const booking = await booked();
    expect(booking).toMatchObject({ phone: number, phoneExtension: '12', purpose: null });
    expect(await get(booking.id)).toEqual(booking);
    const { body: without } = await tenant.book(at(monday, '11:00'), { ...ana, phone: number });
    expect(without).toMatchObject({ phone: number, phoneExtension: null });
  });

  it('can be given by itself, and must then be digits', async () => {
    expect(await booked({ phone: number, phoneExtension: '0012' })).toMatchObject({ phoneExtension: '0012' });
    for (const phoneExtension of ['', 'twelve', '1 2', '1'.repeat(21), 12, ['12']]) {
      const answer = await tenant.book(at(monday, '11:00'), { ...ana, phone: number, phoneExtension });
      expect([phoneExtension, answer.status]).toEqual([phoneExtension, 400]);
      expect(fieldsOf(answer)).toEqual(['phoneExtension']);
    }
  });

  it('is refused where it is given twice, and differently', async () => {
    const answer = await tenant.book(at(monday, '11:00'), { ...ana, phoneExtension: '13' });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['phoneExtension']);
    expect(await booked({ phoneExtension: '12' })).toMatchObject({ phoneExtension: '12' });
  });

  it('comes with a hold that is booked', async () => {
    const { body: hold } = await ask<HoldView>('POST', '/api/holds', { startsAt: at(monday, '10:00') });
    const { body } = await ask<BookingView>('POST', '/api/bookings', { ...ana, holdId: hold.id });
    expect(body).toMatchObject({ phone: number, phoneExtension: '12' });
  });

  it('does not keep the booking from being found by the number alone', async () => {
    const { id } = await booked();
    for (const phone of [number, `${number};ext=12`, `${number} ext. 99`]) {
      const path = `/api/bookings?phone=${encodeURIComponent(phone)}`;
      const { body } = await ask<{ items: BookingView[] }>('GET', path);
      expect(body.items).toMatchObject([{ id, phoneExtension: '12' }]);
    }
  });

  it.each([
    ['another number', { phone: '+1 415 555 0199' }, null],
    ['another number with one', { phone: '+1 415 555 0199 x7' }, '7'],
    ['another extension', { phone: '+1 415 555 0123 x7' }, '7'],
    ['the extension by itself', { phoneExtension: '7' }, '7'],
    ['null', { phoneExtension: null }, null],
    ['another name', { name: 'Bo Reyes' }, '12'],
    ['a form with the same number', { name: 'Bo Reyes', phone: number }, '12'],
  ])('after correcting with %s is what belongs to the number', async (_with, correction, extension) => {
    const { id } = await booked();
    expect((await edit(id, correction)).body).toMatchObject({ phoneExtension: extension });
    expect(await get(id)).toMatchObject({ phoneExtension: extension });
  });

  it('is in the trail when it changes', async () => {
    const { id } = await booked();
    await edit(id, { phone: '+1 415 555 0199' });
    await edit(id, { phone: '+1 415 555 0199 ext. 7' });
    await edit(id, { phone: '+1 415 555 0199 ext. 7' });
    const { body } = await ask<AuditPage>('GET', `/api/bookings/${id}/audit`);
    expect(body.items.slice(1).map(({ changes }) => changes)).toEqual([
      { phone: { from: number, to: '+14155550199' }, phoneExtension: { from: '12', to: null } },
      { phoneExtension: { from: null, to: '7' } },
    ]);
  });

  it('is the same request for its key however it is written', async () => {
    const headers = { 'idempotency-key': 'ext' };
    const body = { ...ana, startsAt: at(monday, '10:00') };
    const first = await app.request<BookingView>('POST', '/api/bookings', { key: tenant.key, headers, body });
    const again = await app.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      headers,
      body: { ...body, phone: `${number};ext=12` },
    });
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id } });
  });

  it('stands beside the number in the event', async () => {
    const email = `owner-${tenant.id}@example.com`;
    app.google.addAccount({ email, timeZone: 'America/New_York' });
    await connectGoogle(app, tenant, email);
    const { id } = await booked();
    const descriptions = () =>
      app.google
        .account(email)
        .calendar()
        .events()
        .map(({ description }) => description?.split('\n')[0]);
    expect(descriptions()).toEqual(['Phone: +14155550123 ext. 12']);
    await edit(id, { phoneExtension: null });
    expect(descriptions()).toEqual(['Phone: +14155550123']);
  });
});
