import { jest } from '@jest/globals';
import type { BookingView } from '../../src/booking/booking.js';
import { CalendarProvider } from '../../src/calendar/calendar-provider.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aConnectedTenant, aResource, type ConnectedTenant } from './connected-tenant.js';
import { synchronised, timesOf } from './mirror/mirrored.js';

describe('a reading that lasts while an event of ours is looked at', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const date = upcoming(3);
  const instant = (time: string) => Date.parse(at(date, time));

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 20_000 });
  });
  afterAll(() => service.close());

  it('takes one that the booking could not follow for what it is: in the way, also of others who share the calendar', async () => {
    owner = await aConnectedTenant(service);
    const [first, second] = [
      await aResource(service, owner.tenant),
      await aResource(service, owner.tenant, 'Second'),
    ];
    await service.database.query(
      `INSERT INTO service_resource (tenant_id, service_id, resource_id)
       SELECT $1, s.id, r.id FROM service s JOIN resource r USING (tenant_id) WHERE s.tenant_id = $1 ON CONFLICT DO NOTHING`,
      [owner.id],
    );
    const book = (time: string, resourceId: string) =>
      service.request<BookingView>('POST', '/api/bookings', {
        key: owner.key,
        body: { startsAt: at(date, time), name: 'Ana', phone: '+14155550123', resourceId },
      });
    expect((await book('10:00', first)).status).toBe(201);
    const [event] = owner.calendar.events();
    expect((await book('14:00', first)).status).toBe(201);
    await synchronised(service.database, owner.id);
    owner.calendar.updateEvent(event?.id ?? '', timesOf(instant('14:00'), instant('15:00')));

    const provider = service.app.get(CalendarProvider);
    const ask = provider.readBusy.bind(provider);
    const { promise: told, resolve: tell } = Promise.withResolvers<true>();
    const { promise: read, resolve: hasRead } = Promise.withResolvers<true>();
    const reading = jest.spyOn(provider, 'readBusy').mockImplementationOnce(async (...given) => {
      const answer = await ask(...given);
      hasRead(true);
      await told;
      return answer;
    });
    const slow = book('14:00', second);
    await read;
    await synchronised(service.database, owner.id);
    await eventually(async () => {
      const conflicts = await service.database.query(`SELECT 1 FROM calendar_conflict WHERE tenant_id = $1`, [
        owner.id,
      ]);
      expect(conflicts).toHaveLength(1);
    });
    tell(true);
    expect((await slow).status).toBe(409);
    reading.mockRestore();
  }, 60_000);
});
