import { startTestApp, type TestApp } from '../../support/test-app.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised, timesOf } from './mirrored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the mirror of a calendar', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  /** Midnight UTC in a week. */
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    owner = await aConnectedTenant(service);
    await synchronised(service.database, owner.id);
    service.google.clearRequests();
  });

  const blocks = () => blocksOf(service.database, owner.id);
  const sync = () => synchronised(service.database, owner.id);
  const lists = () => service.google.requests.filter(({ operation }) => operation === 'events.list');
  const iso = (at: number) => new Date(at).toISOString();

  it('has what blocks, and follows each change of it by its sync token', async () => {
    const event = addEvent(owner.calendar, day, day + HOUR);
    const other = addEvent(owner.calendar, day + 2 * HOUR, day + 3 * HOUR);
    await sync();
    expect(await blocks()).toEqual([
      { eventId: event.id, start: iso(day), end: iso(day + HOUR) },
      { eventId: other.id, start: iso(day + 2 * HOUR), end: iso(day + 3 * HOUR) },
    ]);
    owner.calendar.updateEvent(event.id, timesOf(day + 5 * HOUR, day + 6 * HOUR));
    owner.calendar.deleteEvent(other.id);
    await sync();
    expect(await blocks()).toEqual([
      { eventId: event.id, start: iso(day + 5 * HOUR), end: iso(day + 6 * HOUR) },
    ]);
    expect(lists().length).toBeGreaterThanOrEqual(2);
    for (const { query } of lists()) {
      expect(query).toMatchObject({ syncToken: expect.any(String) as string, singleEvents: 'true' });
      expect(query).not.toHaveProperty('timeMin');
    }
  });
});
