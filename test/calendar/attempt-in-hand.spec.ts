import { EventWriter } from '../../src/calendar/event-writer.js';
import { Deadline } from '../../src/platform/deadline.js';
import { eventually } from '../support/eventually.js';
import { startTestApp } from '../support/test-app.js';
import { aConnectedTenant, someContent, want } from './connected-tenant.js';
import { synchronised } from './mirror/mirrored.js';

describe('an event that is being written when the process is asked to end', () => {
  it('is waited for, and what became of it is noted', async () => {
    const service = await startTestApp();
    const { app, google, database } = service;
    const owner = await aConnectedTenant(service);
    await synchronised(database, owner.id);
    google.fault({ on: 'events.insert', delayMs: 1_500, account: owner.email });
    const bookingId = await want(service, owner.tenant, someContent());
    // The booking is answered; the attempt goes on by itself.
    const state = await app.get(EventWriter).writeNow(owner.tenant, bookingId, Deadline.in(100));
    expect(state.status).toBe('pending');
    await eventually(() =>
      expect(google.requests.map(({ operation }) => operation)).toContain('events.insert'),
    );
    await app.close();
    expect(owner.calendar.events()).toHaveLength(1);
    expect(await database.query('SELECT state FROM event_write')).toEqual([{ state: 'synced' }]);
    await service.close();
  });
});
