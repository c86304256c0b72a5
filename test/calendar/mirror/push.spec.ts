import { createServer } from 'node:net';
import { once } from 'node:events';
import { eventually } from '../../support/eventually.js';
import { connectGoogle, startTestApp, type TestApp } from '../../support/test-app.js';
import { aConnectedTenant, type ConnectedTenant } from '../connected-tenant.js';
import { addEvent, blocksOf, synchronised } from './mirrored.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATH = '/api/google/notifications';

interface Channel {
  id: string;
  resourceId: string | null;
  expiresAt: Date | null;
}

describe('Google’s push notifications', () => {
  let service: TestApp;
  let owner: ConnectedTenant;
  const day = Math.ceil(Date.now() / DAY) * DAY + 7 * DAY;

  beforeAll(async () => {
    const port = await freePort();
    service = await startTestApp({ google: { webhookUrl: `http://127.0.0.1:${port}` } });
    await service.app.listen(port, '127.0.0.1');
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    Object.assign(service.google.pushes, { copies: 1, delayMs: 0, syncBeforeAnswer: false });
    owner = await aConnectedTenant(service);
    await watched();
    service.google.clearRequests();
  });

  const blocks = () => blocksOf(service.database, owner.id);
  const channels = () =>
    service.database.query<Channel>(
      `SELECT id, resource_id AS "resourceId", expires_at AS "expiresAt" FROM push_channel
       WHERE tenant_id = $1 ORDER BY created_at`,
      [owner.id],
    );
  const push = async () =>
    (
      await service.database.query<{ push: string }>('SELECT push FROM calendar_sync WHERE tenant_id = $1', [
        owner.id,
      ])
    )[0]?.push;
  const watched = () =>
    eventually(async () => {
      expect(await push()).toBe('open');
      expect(await channels()).toHaveLength(1);
    });
  const asked = (operation: string) =>
    service.google.requests.filter(
      (request) => request.operation === operation && request.accountEmail === owner.email,
    );
  const quiet = async () => {
    await service.google.pushes.settled();
    await synchronised(service.database, owner.id);
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  const hear = (headers: Record<string, string>, body?: string) =>
    service.request('POST', PATH, { headers, body });
  const mirrored = (eventId: string, withinMs = 10_000) =>
    eventually(async () => expect(await blocks()).toMatchObject([{ eventId }]), withinMs);

  it('are asked for with a random id, a secret and an end, and tell of a change at once', async () => {
    const other = await aConnectedTenant(service);
    const event = addEvent(owner.calendar, day, day + HOUR);
    // Long before the calendar would be looked at otherwise.
    await mirrored(event.id, 2_000);
    expect(await blocksOf(service.database, other.id)).toEqual([]);
    const [channel] = await channels();
    expect(channel?.id).toMatch(/^[\w-]{43}$/);
    expect(channel?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 6 * DAY);
    const watches = () => service.google.requests.filter(({ operation }) => operation === 'events.watch');
    await eventually(() => expect(watches()).not.toEqual([]));
    const [{ body } = { body: {} }] = watches();
    expect(body).toMatchObject({
      type: 'web_hook',
      address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/api\/google\/notifications$/) as string,
      params: { ttl: String(7 * 24 * 3600) },
    });
    const { token } = body as { token: string };
    expect(token).toMatch(/^[\w-]{43}$/);
    const stored = await service.database.query<object>('SELECT * FROM push_channel');
    expect(JSON.stringify(stored)).not.toContain(token);
  });

  it('are stored before Google is asked, so that its first message may be faster than its answer', async () => {
    service.google.pushes.syncBeforeAnswer = true;
    const early = await aConnectedTenant(service);
    await eventually(async () => {
      const rows = await service.database.query(
        `SELECT 1 FROM push_channel WHERE tenant_id = $1 AND resource_id IS NOT NULL`,
        [early.id],
      );
      expect(rows).toHaveLength(1);
    });
    const event = addEvent(early.calendar, day, day + HOUR);
    await eventually(async () =>
      expect(await blocksOf(service.database, early.id)).toMatchObject([{ eventId: event.id }]),
    );
  });

  it('are answered without a body and without telling whether they are believed', async () => {
    const [channel] = await channels();
    const unbelieved: Record<string, string>[] = [
      {},
      { 'x-goog-channel-id': 'unknown', 'x-goog-channel-token': 'unknown' },
      { 'x-goog-channel-id': channel!.id },
      { 'x-goog-channel-id': channel!.id, 'x-goog-channel-token': 'wrong' },
      { 'x-goog-channel-id': channel!.id, 'x-goog-channel-token': 'x'.repeat(5_000) },
      { 'x-goog-channel-id': `' OR 1=1 --`, 'x-goog-channel-token': '\u00e9' },
    ];
    for (const headers of unbelieved) {
      expect(await hear(headers)).toMatchObject({ status: 204, body: '' });
      expect(await hear({ ...headers, 'content-type': 'text/plain' }, 'what is this?')).toMatchObject({
        status: 204,
      });
    }
    await quiet();
  });

  it('change nothing where they come without the channel’s secret', async () => {
    await quiet();
    service.google.pushes.copies = 0;
    const [channel] = await channels();
    service.google.clearRequests();
    addEvent(owner.calendar, day, day + HOUR);
    await hear({ 'x-goog-channel-id': channel!.id, 'x-goog-channel-token': 'guessed' });
    await hear({ 'x-goog-channel-id': channel!.id, 'x-goog-channel-token': '' });
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(asked('events.list')).toEqual([]);
    expect(await blocks()).toEqual([]);
  });

  it('that come twice, late or in another order are followed by no more than needed', async () => {
    await quiet();
    service.google.pushes.copies = 3;
    service.google.clearRequests();
    const events = Array.from({ length: 30 }, (_, index) =>
      addEvent(owner.calendar, day + index * HOUR, day + index * HOUR + HOUR / 2),
    );
    await eventually(async () => expect(await blocks()).toHaveLength(30));
    await quiet();
    // Ninety messages: folded into a few synchronisations, of which `quiet` asks for one.
    expect(asked('events.list').length).toBeLessThan(15);
    expect(await blocks()).toHaveLength(events.length);
  });

  it('are renewed before they end, with the old channel still telling until the new one does', async () => {
    const [old] = await channels();
    await service.database.query(`UPDATE calendar_sync SET push_due_at = now() WHERE tenant_id = $1`, [
      owner.id,
    ]);
    await synchronised(service.database, owner.id);
    await eventually(async () => {
      const [renewed, ...others] = await channels();
      expect(others).toEqual([]);
      expect(renewed?.id).not.toBe(old!.id);
    });
    const operations = service.google.requests
      .filter(({ accountEmail }) => accountEmail === owner.email)
      .map(({ operation }) => operation)
      .filter((operation) => /watch|stop/.test(operation));
    expect(operations).toEqual(['events.watch', 'channels.stop']);
    const event = addEvent(owner.calendar, day, day + HOUR);
    await mirrored(event.id, 2_000);
  });

  it('are replaced where the service has moved, and stopped where it cannot be reached any more', async () => {
    const [old] = await channels();
    const { google } = service.settings;
    const here = google.webhookUrl;
    try {
      const moved = await service.database.query<{ address: string }>(
        `UPDATE push_channel SET address = 'https://before.example/api/google/notifications' WHERE tenant_id = $1 RETURNING address`,
        [owner.id],
      );
      expect(moved).toHaveLength(1);
      await synchronised(service.database, owner.id);
      const [renewed, ...others] = await channels();
      expect(others).toEqual([]);
      expect(renewed!.id).not.toBe(old!.id);
      expect(asked('events.watch').map(({ body }) => body)).toMatchObject([{ address: `${here}${PATH}` }]);

      Object.assign(google, { webhookUrl: null });
      await synchronised(service.database, owner.id);
      expect(await channels()).toEqual([]);
      expect(await push()).toBe('none');
      expect(asked('channels.stop').map(({ body }) => (body as { id: string }).id)).toEqual([
        old!.id,
        renewed!.id,
      ]);
    } finally {
      Object.assign(google, { webhookUrl: here });
    }
  });

  it('are renewed in time: before the last fifth of what Google gave them', async () => {
    const [{ daysLeft } = { daysLeft: 0 }] = await service.database.query<{ daysLeft: number }>(
      `SELECT extract(epoch FROM p.expires_at - s.push_due_at)::float8 / 86400 AS "daysLeft" FROM calendar_sync s
       JOIN push_channel p ON p.tenant_id = s.tenant_id WHERE s.tenant_id = $1`,
      [owner.id],
    );
    expect(daysLeft).toBeGreaterThan(1.3);
    expect(daysLeft).toBeLessThan(1.5);
  });

  it('are kept by the old channel where a new one cannot be had', async () => {
    const [old] = await channels();
    service.google.fault({ on: 'events.watch', status: 503, times: Infinity, account: owner.email });
    await service.database.query(`UPDATE calendar_sync SET push_due_at = now() WHERE tenant_id = $1`, [
      owner.id,
    ]);
    await synchronised(service.database, owner.id);
    expect((await channels()).map(({ id }) => id)).toEqual([old!.id]);
    expect(await push()).toBe('open');
    const event = addEvent(owner.calendar, day, day + HOUR);
    await mirrored(event.id, 2_000);
  });

  it('are done without where a calendar refuses them: it is polled', async () => {
    const account = service.google.addAccount({
      email: `holidays-${owner.id}@acme.example`,
      timeZone: 'UTC',
    });
    account.calendar().refusesPush = true;
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    await connectGoogle(service, owner, account.email);
    await eventually(async () => expect(await push()).toBe('refused'));
    expect(await channels()).toEqual([]);
    const [{ seconds } = { seconds: Infinity }] = await service.database.query<{ seconds: number }>(
      `SELECT extract(epoch FROM due_at - now())::float8 AS seconds FROM calendar_sync WHERE tenant_id = $1`,
      [owner.id],
    );
    expect(seconds).toBeLessThanOrEqual(service.settings.calendarPollMs / 1000);
    const event = addEvent(account.calendar(), day, day + HOUR);
    await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [owner.id]);
    await mirrored(event.id);
  });

  it('are stopped when the account is disconnected, and what comes after that is ignored', async () => {
    const [channel] = await channels();
    await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(asked('channels.stop').map(({ body }) => body)).toEqual([
      { id: channel!.id, resourceId: channel!.resourceId },
    ]);
    expect(await channels()).toEqual([]);
    service.google.clearRequests();
    expect(
      await hear({ 'x-goog-channel-id': channel!.id, 'x-goog-channel-token': 'whatever it was' }),
    ).toMatchObject({ status: 204 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(asked('events.list')).toEqual([]);
  });

  it('do not keep an account from being disconnected when they cannot be stopped', async () => {
    service.google.fault({ on: 'channels.stop', status: 503, times: Infinity, account: owner.email });
    const { status } = await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner.key });
    expect(status).toBe(204);
    expect(await channels()).toEqual([]);
  });

  it('lose nothing when they are lost: the calendar is looked at all the same', async () => {
    // A run that is under way would say anew when the next is due.
    await quiet();
    service.google.pushes.copies = 0;
    const event = addEvent(owner.calendar, day, day + HOUR);
    await service.database.query(`UPDATE calendar_sync SET due_at = now() WHERE tenant_id = $1`, [owner.id]);
    await mirrored(event.id);
  });

  it('are sent again by Google where they could not be noted', async () => {
    await service.database.query('ALTER TABLE push_channel RENAME TO push_channel_away');
    const [{ id } = { id: '' }] = await service.database.query<{ id: string }>(
      'SELECT id FROM push_channel_away WHERE tenant_id = $1',
      [owner.id],
    );
    const answer = await hear({ 'x-goog-channel-id': id, 'x-goog-channel-token': 'x' });
    await service.database.query('ALTER TABLE push_channel_away RENAME TO push_channel');
    expect(answer.status).toBe(503);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
