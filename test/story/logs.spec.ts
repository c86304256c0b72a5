import type { BookingView } from '../../src/booking/booking.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, upcoming } from '../support/dates.js';
import { startService, type ServiceProcess } from '../support/service-process.js';
import { aTenant, connectGoogle, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';

interface Known extends TestTenant {
  /** What only this organisation and its callers should ever read. */
  words: string[];
}

describe('the logs of two organisations, at the level at which everything is logged', () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let service: ServiceProcess;
  const organisations: Known[] = [];
  const date = upcoming(2);

  beforeAll(async () => {
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    service = await startService(database, google.origin, { LOG_LEVEL: 'trace', CALENDAR_ATTEMPT_MS: '600' });
    for (const [name, phone] of [
      ['alpha', '+14155550111'],
      ['omega', '+14155550222'],
    ] as const) {
      const tenant = await aTenant({ request: service.request }, { name: `${name}-organisation` });
      const account = google.addAccount({ email: `${name}-owner@x.example`, timeZone: 'America/New_York' });
      account.calendar().addEvent({
        summary: `${name}-lunch`,
        description: `${name}-lunch with ${name}-customer`,
        start: { dateTime: at(date, '12:00') },
        end: { dateTime: at(date, '13:00') },
      });
      const customer = [
        `${name}-customer`,
        phone,
        `${name}-caller@y.example`,
        `${name}-purpose`,
        `${name}-once`,
        `${name}-lunch`,
      ];
      const words = [...customer, `${name}-organisation`, `${name}-owner@x.example`, tenant.key];
      organisations.push({ ...tenant, words });
    }
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await google.stop();
    await database.drop();
  });

  /** As platforms do: one with its secret in the address, one with a signature that is wrong, each with a caller and what was said. */
  async function callTools({ key, words }: Known): Promise<void> {
    const [name, phone, email, purpose] = words;
    const connect = async (platform: string) => {
      const { body } = await service.request<{ url: string; secret: string }>(
        'POST',
        '/api/agent-connections',
        {
          key,
          body: { platform, name: purpose },
        },
      );
      words.push(body.secret);
      return { path: new URL(body.url).pathname, secret: body.secret };
    };
    const headers = { 'x-caller-number': phone!, 'x-call-id': `${name!}-call` };
    const ultravox = await connect('ultravox');
    for (const tool of ['create_booking', 'find_booking', 'cancel_booking', `${name!}-tool`]) {
      const query = new URLSearchParams({ api_key: ultravox.secret, name: name!, date, time: '4 PM' });
      const body = { phone, email, purpose, reference: name };
      const path = `${ultravox.path}/${tool}?${query.toString()}`;
      expect((await service.request('POST', path, { headers, body })).status).toBe(200);
    }
    const retell = await connect('retell');
    const body = { name: 'find_booking', args: {}, call: { from_number: phone, transcript: purpose } };
    await service.request('POST', retell.path, { headers: { 'x-retell-signature': `v=1,d=${name!}` }, body });
    await service.request('POST', '/mcp', { key: retell.secret, headers, body: { method: name } });
  }

  it('mix nothing up, and hold no names, numbers, addresses or keys, whatever goes wrong', async () => {
    const visit = async ({ id, key, words: [name, phone, email, purpose, once] }: Known) => {
      const request = service.request;
      const organisation = organisations.find((one) => one.id === id)!;
      await connectGoogle({ request, google }, organisation, `${name!.split('-')[0]}-owner@x.example`);
      google.fault({ on: 'events.insert', status: 503, times: 2 });
      google.fault({ on: 'events.list', status: 403, reason: 'rateLimitExceeded' });
      google.fault({ on: 'events.insert', hang: true });
      const ids: string[] = [];
      for (const time of ['09:00', '10:00', '11:00', '09:00', '03:00']) {
        const { body } = await request<BookingView>('POST', '/api/bookings', {
          key,
          headers: { 'idempotency-key': `${once!}-${time}` },
          body: { startsAt: at(date, time), name, phone, email, purpose },
        });
        ids.push(body.id);
      }
      await request('POST', '/api/agent-tools/create_booking', {
        key,
        body: { date, time: '2 PM', name, phone, email, purpose },
      });
      await request('POST', '/api/bookings', {
        key,
        body: { name: { name }, phone: `${phone!}x`, email: [email] },
      });
      await request('GET', `/api/bookings?phone=${encodeURIComponent(phone!)}&from=${email!}`, { key });
      await request('POST', `/api/bookings/${ids[0]!}/cancel`, { key, body: { reason: purpose } });
      await request('GET', `/api/bookings/${ids[0]!}`, { key: `${key}x` });
      await request('GET', `/api/tenant-calendar/callback?code=${name!}&state=${email!}`);
      await callTools(organisation);
      google.revokeGrant(`${name!.split('-')[0]}-owner@x.example`);
      google.expireAccessTokens();
      await request('GET', `/api/availability?date=${date}`, { key });
      await request('DELETE', '/api/tenant-calendar/disconnect', { key });
    };
    await Promise.all(organisations.map(visit));
    // An error deep inside, with a row in its detail.
    await database.query(
      "ALTER TABLE booking ADD CONSTRAINT no_more CHECK (created_at < now() - interval '1 day') NOT VALID",
    );
    const [alpha, omega] = organisations as [Known, Known];
    const failed = await service.request('POST', '/api/bookings', {
      key: alpha.key,
      body: {
        startsAt: at(date, '15:00'),
        name: alpha.words[0],
        phone: alpha.words[1],
        purpose: alpha.words[3],
      },
    });
    expect(failed).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(JSON.stringify(failed.body)).not.toMatch(/no_more|booking_|constraint|alpha-/);

    const lines = service.output().trim().split('\n');
    expect(lines.length).toBeGreaterThan(30);
    const secrets = [ADMIN_KEY, CLIENT_SECRET, ...organisations.flatMap(({ words }) => words)];
    for (const line of lines) {
      for (const secret of secrets) expect(line).not.toContain(secret);
      expect(line.includes(alpha.id) && line.includes(omega.id)).toBe(false);
    }
    // Each line of an answered request says whose it was, so that the above has looked at something.
    for (const { id } of organisations)
      expect(lines.filter((line) => line.includes(id)).length).toBeGreaterThan(5);
  }, 60_000);
});
