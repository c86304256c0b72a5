import { eventually } from '../../support/eventually.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ADMIN_KEY } from '../../support/test-settings.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised } from './mirrored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLL_MS = 1_000;

describe('calendars of whose changes Google does not tell', () => {
  let service: TestApp;
  let owners: ConnectedTenant[];
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;

  beforeAll(async () => {
    service = await startTestApp({ calendarPollMs: POLL_MS });
    owners = [await aConnectedTenant(service), await aConnectedTenant(service)];
    for (const { id } of owners) await synchronised(service.database, id);
  });
  afterAll(() => service.close());

  it('are looked at every polling period by themselves: what is put there blocks within one', async () => {
    for (const { id, calendar } of owners) {
      const event = addEvent(calendar, day, day + HOUR);
      // And what a busy machine adds: looks at what is due come every half second.
      await eventually(
        async () => expect(await blocksOf(service.database, id)).toMatchObject([{ eventId: event.id }]),
        POLL_MS + 2_000,
      );
    }
  });

  it('are looked at again after Google was down', async () => {
    const [{ id, calendar, email }] = owners as [ConnectedTenant];
    service.google.fault({ on: 'events.list', status: 503, account: email, times: 8 });
    const event = addEvent(calendar, day + DAY, day + DAY + HOUR);
    await eventually(async () => {
      const blocks = await blocksOf(service.database, id);
      expect(blocks.map(({ eventId }) => eventId)).toContain(event.id);
    }, 30_000);
  }, 40_000);

  it('show in the metrics how many are due and for how long, and how late each was by what came of it', async () => {
    const { body } = await service.request<string>('GET', '/metrics', { key: ADMIN_KEY });
    for (const line of [
      /^calendar_sync_calendars\{state="all"\} 2$/m,
      /^calendar_sync_calendars\{state="due"\} \d+$/m,
      /^calendar_sync_calendars\{state="failing"\} \d+$/m,
      /^calendar_sync_oldest_due_seconds \d+(\.\d+)?$/m,
      /^calendar_sync_lag_seconds_count\{outcome="ok"\} [1-9]\d*$/m,
      /^calendar_sync_lag_seconds_count\{outcome="unavailable"\} [1-9]\d*$/m,
      /^calendar_syncs_total\{kind="everything"\} [1-9]\d*$/m,
      /^calendar_syncs_total\{kind="changes"\} [1-9]\d*$/m,
      /^job_queue_waiting/m,
      /^job_queue_oldest_waiting_seconds/m,
    ]) {
      expect(body).toMatch(line);
    }
  });
});
