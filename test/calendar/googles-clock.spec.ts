import type { BookingView } from '../../src/booking/booking.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

const MINUTE = 60_000;

describe('where Google’s clock and the database’s do not agree', () => {
  let service: TestApp;
  let google: GoogleStandIn;
  let tenant: TestTenant;
  let aheadMs = 0;
  let accounts = 0;
  let email: string;
  const date = upcoming(3);

  beforeAll(async () => {
    google = await GoogleStandIn.start({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      now: () => Date.now() + aheadMs,
    });
    service = await startTestApp({ google: { endpoint: google.origin } });
  });
  afterAll(async () => {
    await service.close();
    await google.stop();
  });

  const calendar = () => google.account(email).calendar();
  const booked = async () => {
    accounts += 1;
    email = `owner${accounts}@acme.example`;
    google.addAccount({ email, timeZone: 'America/New_York' });
    tenant = await aTenant(service);
    expect((await connectGoogle({ request: service.request, google }, tenant, email)).status).toBe(200);
    const { body } = await service.request<BookingView>('POST', '/api/bookings', {
      key: tenant.key,
      body: { startsAt: at(date, '10:00'), name: 'Ana Flores', phone: '+14155550123' },
    });
    expect(body.calendar.status).toBe('synced');
    return body.id;
  };
  const move = (id: string) =>
    service.request('POST', `/api/bookings/${id}/reschedule`, {
      key: tenant.key,
      body: { startsAt: at(date, '14:00') },
    });
  const booking = async (id: string) =>
    (await service.request<BookingView>('GET', `/api/bookings/${id}`, { key: tenant.key })).body;

  it.each([
    ['four minutes ahead', 4 * MINUTE],
    ['four minutes behind', -4 * MINUTE],
  ])('a booking that was moved after its event was deleted stays (%s)', async (_, offsetMs) => {
    aheadMs = offsetMs;
    const id = await booked();
    calendar().deleteEvent(calendar().events()[0]!.id);
    expect((await move(id)).status).toBe(200);
    await eventually(async () => {
      expect(await booking(id)).toMatchObject({ status: 'confirmed', calendar: { status: 'synced' } });
      expect(calendar().events()).toHaveLength(1);
    });
  });
});
