import type { BookingView } from '../../src/booking/booking.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, coming, type PhoneCall, rest, spoken } from './on-the-phone.js';

/* Which number a caller is reached at, and with which extension. */

const wednesday = coming(3);
const home = '+14155550123';
const ana = { date: wednesday, time: '10 AM', name: 'Ana Flores' };

let service: TestApp;
let receptionist: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  receptionist = await aReceptionist(service);
});
afterAll(() => service.close());

const spain = async () =>
  (await aReceptionist(service, { timezone: 'Europe/Madrid' })).as({ locale: 'es-ES' });

async function bookings(of = receptionist): Promise<BookingView[]> {
  return (await rest<{ items: BookingView[] }>(service, of.tenant, 'GET', '/api/bookings')).items;
}

describe('an extension', () => {
  it.each([
    '212 555 0123 extension 12',
    'two one two, five five five, oh one two three, extension number one two',
    '+12125550123x12',
    '+12125550123;ext=12',
    '212-555-0123 ext. 12, after 5 PM please',
  ])('said as %j is kept beside the number, and not in the purpose', async (phone) => {
    const answer = await receptionist.say('create_booking', { ...ana, phone, purpose: 'Check-up' });
    expect(answer).toMatchObject({ ok: true });
    expect(await bookings()).toMatchObject([
      { phone: '+12125550123', phoneExtension: '12', purpose: 'Check-up' },
    ]);
  });

  it.each([
    '612 34 56 78, extensión doce',
    '612 34 56 78 interno doce',
    '612345678 int. 12',
    '612 34 56 78 anexo 12',
  ])('said as %j in Spain is kept beside the number', async (phone) => {
    const madrid = await spain();
    expect(await madrid.say('create_booking', { ...ana, time: '10:00', phone })).toMatchObject({ ok: true });
    expect(await bookings(madrid)).toMatchObject([{ phone: '+34612345678', phoneExtension: '12' }]);
  });

  it('belongs to the number that calls where that is the one to be reached at', async () => {
    const call = receptionist.from(home);
    await call.say('create_booking', { ...ana, phone: 'this number, extension 12' });
    expect(await bookings()).toMatchObject([{ phone: home, phoneExtension: '12' }]);
  });

  it('is corrected by a booking that is said again, and kept by one that does not say it', async () => {
    const call = receptionist.from(home);
    await call.say('create_booking', { ...ana, phone: '415 555 0123 ext. 12' });
    await call.say('create_booking', ana);
    expect(await bookings()).toMatchObject([{ phone: home, phoneExtension: '12' }]);
    await call.say('create_booking', { ...ana, phone: '415 555 0123 ext. 13' });
    expect(await bookings()).toMatchObject([{ phone: home, phoneExtension: '13' }]);
    await call.say('create_booking', { ...ana, phone: '212 555 0199' });
    expect(await bookings()).toMatchObject([{ phone: '+12125550199', phoneExtension: null }]);
  });

  it('does not keep a caller from being known by the number', async () => {
    await receptionist.say('create_booking', { ...ana, phone: '415 555 0123 ext. 12' });
    const [booking] = await bookings();
    expect(await receptionist.from(home).say('find_booking')).toMatchObject({
      bookings: [{ reference: booking?.reference }],
    });
    expect(await receptionist.say('find_booking', { reference: booking?.reference })).toMatchObject({
      bookings: [{ reference: booking?.reference }],
    });
  });
});

describe('a number that cannot be read', () => {
  const label = `${spoken(wednesday)} at 10 AM`;

  it.each(['five five five, oh one two three', '415 555', '123456789012345678'])(
    'such as %j gives way to the one that calls, and the caller hears it',
    async (phone) => {
      expect(await receptionist.from(home).say('create_booking', { ...ana, phone })).toMatchObject({
        ok: true,
        say:
          `You're booked for ${label}. The appointment is under the name Ana Flores, ` +
          "but I couldn't make out the phone number, so I kept the one I have.",
      });
      expect(await bookings()).toMatchObject([{ phone: home, phoneExtension: null }]);
    },
  );

  it('does not take its extension to the one that calls', async () => {
    await receptionist.from(home).say('create_booking', { ...ana, phone: '415 555 ext. 12' });
    expect(await bookings()).toMatchObject([{ phone: home, phoneExtension: null }]);
  });

  it('is said together with an address that cannot be read', async () => {
    const wish = { ...ana, phone: '415 555', email: 'ana' };
    expect((await receptionist.from(home).say('create_booking', wish)).say).toContain(
      "but I couldn't make out the email address or the phone number, so I kept the number I have.",
    );
  });

  it('is said in Spanish too', async () => {
    const madrid = await spain();
    const call = madrid.from('+34612345678');
    expect((await call.say('create_booking', { ...ana, time: '10:00', phone: '612 34' })).say).toContain(
      'pero no he entendido el teléfono, así que dejo el número que ya tengo.',
    );
  });

  it('does not replace the number that a booking has', async () => {
    const call = receptionist.from(home);
    await call.say('create_booking', { ...ana, phone: '212 555 0199' });
    await call.say('create_booking', { ...ana, phone: '212 555' });
    expect(await bookings()).toMatchObject([{ phone: '+12125550199' }]);
  });

  it('is asked for again where none calls', async () => {
    expect(await receptionist.from(null).say('create_booking', { ...ana, phone: '415 555' })).toMatchObject({
      ok: false,
      code: 'unclear_phone',
    });
    expect(await bookings()).toEqual([]);
  });
});
