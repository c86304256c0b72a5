import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  freePort,
  grantInBrowser,
  isRunning,
  processesIn,
  send,
  Workbench,
  type Started,
} from './started.js';

describe('npm start on a machine with nothing configured', () => {
  const bench = new Workbench();
  const dataDir = join(bench.folder(), 'data');
  let port: number;
  let first: Started;
  let second: Started;
  let reference: string;

  beforeAll(async () => {
    port = await freePort();
    first = await bench.start(dataDir, port).up();
  }, 60_000);
  afterAll(() => bench.clear());

  it('prints where everything is and the keys to use', async () => {
    expect(first.printed('Swagger UI')).toBe(`http://localhost:${port}/api/docs`);
    expect(first.printed('Admin key').length).toBeGreaterThanOrEqual(24);
    const tenant = await fetch(`http://localhost:${port}/api/admin/tenants/${first.printed('id')}`, {
      headers: { authorization: `Bearer ${first.printed('Admin key')}` },
    });
    expect(await tenant.json()).toMatchObject({ name: 'Acme Dental', timezone: 'America/New_York' });
    const docs = await fetch(first.printed('Swagger UI'));
    expect(docs.status).toBe(200);
  });

  it('keeps what it made up for its owner alone', () => {
    for (const file of [
      'secrets.json',
      'demo-tenant.json',
      'google-stand-in.json',
      'postgresql/passwords.json',
    ]) {
      expect([file, statSync(join(dataDir, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it('prints requests that connect a calendar, find a time, and book it with a Meet link', async () => {
    const [connect, check, book] = first.requests();
    const { authUrl } = await send<{ authUrl: string }>(connect!);
    expect(await grantInBrowser(authUrl, 'owner@acme-dental.example')).toContain('owner@acme-dental.example');
    expect(await send(check!)).toMatchObject({ ok: true, calendar: { state: 'fresh' } });
    const booked = await send<{ booking: { meet_link: string; reference: string } }>(book!);
    expect(booked).toMatchObject({ ok: true, booking: { calendar_status: 'synced' } });
    ({ reference } = booked.booking);
    expect(booked.booking.meet_link).toMatch(/^https?:/);
    const page = await (await fetch(/open (http\S+calendar\?\S+)/.exec(first.output)?.[1] ?? '')).text();
    expect(page).toContain('Dana Reyes');
  });

  it('refuses a second start on the same folder, and says which process has it', async () => {
    const other = bench.start(dataDir, await freePort());
    expect(await other.exited).toBe(1);
    expect(other.output).toContain(dataDir);
    expect(other.output).toContain(`process ${first.pid}`);
  });

  it('ends every process it started on Ctrl-C', async () => {
    const { databasePid } = first;
    expect(isRunning(databasePid)).toBe(true);
    expect(await first.signal('SIGINT')).toBe(0);
    expect(isRunning(databasePid)).toBe(false);
    expect(processesIn(dataDir)).toEqual([]);
    await expect(fetch(standInOf(first))).rejects.toThrow();
    await expect(fetch(`http://localhost:${port}/health/live`)).rejects.toThrow();
  });

  it('has data, keys and addresses again after a second start', async () => {
    second = await bench.start(dataDir, port).up();
    expect(second.requests()).toEqual(first.requests());
    expect(second.printed('Admin key')).toBe(first.printed('Admin key'));
    expect(standInOf(second)).toBe(standInOf(first));
    await expectConnectedAndBooked(second, reference);
  });

  it('has them after a kill -9 of the service alone: the database it leaves behind is ended by the next start', async () => {
    const { databasePid } = second;
    await second.signal('SIGKILL');
    expect(isRunning(databasePid)).toBe(true);
    const third = await bench.start(dataDir, port).up();
    expect(isRunning(databasePid)).toBe(false);
    await expectConnectedAndBooked(third, reference);

    // And of everything at once.
    for (const pid of processesIn(dataDir)) process.kill(pid, 'SIGKILL');
    await third.signal('SIGKILL');
    const fourth = await bench.start(dataDir, port).up();
    await expectConnectedAndBooked(fourth, reference);
    expect(await fourth.signal('SIGTERM')).toBe(0);
    expect(processesIn(dataDir)).toEqual([]);
  }, 60_000);
});

function standInOf({ output }: Started): string {
  return /is not set: (http:\S+)/.exec(output)?.[1] ?? '';
}

async function expectConnectedAndBooked(started: Started, reference: string): Promise<void> {
  const [connect, , book] = started.requests();
  const { origin } = new URL(connect!.url);
  const status = await send({ ...connect!, url: `${origin}/api/tenant-calendar/status` });
  expect(status).toMatchObject({ connected: true, email: 'owner@acme-dental.example' });
  // Booking the same once more answers the booking that is there.
  expect(await send(book!)).toMatchObject({ ok: true, booking: { reference } });
}
