import { FairTurns } from '../../src/platform/database/fair-turns.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('the connections to the database', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());

  const book = ({ key }: TestTenant, time: string) =>
    service.request('POST', '/api/bookings', {
      key,
      body: { startsAt: at(upcoming(2), time), name: 'Ana', phone: '+14155550123' },
    });

  it('are not all taken by one organisation whose bookings wait for each other', async () => {
    const [busy, neighbour] = [await aTenant(service), await aTenant(service)];
    let isReleased = false;
    const locked = service.database
      .query(
        `WITH locked AS (SELECT FROM resource WHERE tenant_id = $1 FOR UPDATE) SELECT pg_sleep(12) FROM locked`,
        [busy.id],
      )
      .then(() => (isReleased = true));
    // More than there are connections.
    const waiting = Array.from({ length: 24 }, () => book(busy, '10:00'));
    await eventually(async () => {
      const [row] = await service.database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(row?.count).toBeGreaterThanOrEqual(5);
    });
    expect((await book(neighbour, '11:00')).status).toBe(201);
    expect(isReleased).toBe(false);
    await Promise.all([locked, ...waiting]);
  }, 40_000);
});

describe('fair turns', () => {
  /** Work that ends when it is told to. */
  function held() {
    let end = (): void => undefined;
    const work = new Promise<void>((resolve) => (end = resolve));
    return { work: () => work, end: () => end() };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('give a party no more than its share, and the rest to others', async () => {
    const turns = new FairTurns({ places: 3, share: 2, longestWaitMs: 10_000 });
    const [one, two] = [held(), held()];
    const begun: string[] = [];
    const run = (party: string | null, name: string, work: () => Promise<void>) =>
      turns.run(party, () => {
        begun.push(name);
        return work();
      });
    const all = [
      run('a', 'a1', one.work),
      run('a', 'a2', two.work),
      run('a', 'a3', () => Promise.resolve()),
      run('b', 'b1', () => Promise.resolve()),
    ];
    await settle();
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    one.end();
    await settle();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
    two.end();
    await Promise.all(all);
  });

  it('go round the parties that wait, however much one of them asks for', async () => {
    const turns = new FairTurns({ places: 1, share: 1, longestWaitMs: 10_000 });
    const first = held();
    const done: string[] = [];
    const run = (party: string, name: string) =>
      turns.run(party, () => Promise.resolve(void done.push(name)));
    const all = [
      turns.run('a', first.work),
      ...[run('a', 'a1'), run('a', 'a2'), run('a', 'a3'), run('b', 'b1'), run('c', 'c1'), run('b', 'b2')],
    ];
    first.end();
    await Promise.all(all);
    expect(done).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('let the service itself have every place, and give back those of work that failed', async () => {
    const turns = new FairTurns({ places: 2, share: 1, longestWaitMs: 10_000 });
    const failing = () => turns.run(null, () => Promise.reject(new Error('failed')));
    await Promise.all([0, 1, 2, 3].map(() => expect(failing()).rejects.toThrow('failed')));
    const both = [held(), held()];
    const running = both.map(({ work }) => turns.run(null, work));
    for (const { end } of both) end();
    await Promise.all(running);
  });

  it('refuse what has waited too long, and leave its turn to the next', async () => {
    const turns = new FairTurns({ places: 1, share: 1, longestWaitMs: 20 });
    const first = held();
    const running = turns.run('a', first.work);
    await expect(turns.run('b', () => Promise.resolve())).rejects.toMatchObject({ code: 'unavailable' });
    first.end();
    await running;
    expect(await turns.run('b', () => Promise.resolve('done'))).toBe('done');
  });
});
