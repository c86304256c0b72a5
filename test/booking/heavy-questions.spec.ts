import { AvailabilityRepository } from '../../src/booking/availability/availability.repository.js';
import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { setImmediate } from 'node:timers/promises';
import type { Availability } from '../../src/booking/availability/availability.service.js';
import { addDays } from '../../src/booking/engine/zoned-time.js';
import { upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const ZONE = 'America/New_York';
const RESOURCES = 40;
/** Nothing of it is meant for a bench: on a loaded machine one round of the event loop takes long, but not seconds. */
const LONGEST_ROUND_MS = 400;

describe('the heaviest questions that one tenant can ask', () => {
  let service: TestApp;
  let tenant: TestTenant;
  let neighbour: TestTenant;
  let serviceId: string;
  const from = upcoming(1, ZONE);
  const range = `from=${from}&to=${addDays(from, 60)}`;

  beforeAll(async () => {
    service = await startTestApp();
    tenant = await aTenant(service, { timezone: ZONE });
    neighbour = await aTenant(service, { timezone: ZONE, name: 'Next door' });
    const { key } = tenant;
    const week = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
    await service.request('PUT', '/api/working-hours', { key, body: { weekly: week, overrides: [] } });
    for (let i = 1; i < RESOURCES; i += 1) {
      const made = await service.request('POST', '/api/resources', { key, body: { name: `Room ${i}` } });
      expect(made.status).toBe(201);
    }
    const { body } = await service.request<{ items: { id: string }[] }>('GET', '/api/resources?limit=200', {
      key,
    });
    const services = await service.request<{ items: { id: string }[] }>('GET', '/api/services', { key });
    serviceId = services.body.items[0]?.id ?? '';
    const changed = await service.request('PATCH', `/api/services/${serviceId}`, {
      key,
      body: {
        durationMinutes: 1,
        slotStepMinutes: 1,
        maxAdvanceDays: 365,
        resourceIds: body.items.map(({ id }) => id),
      },
    });
    expect(changed.status).toBe(200);
  });
  afterAll(() => service.close());

  const ask = (query: string, { key } = tenant) =>
    service.request<Availability>('GET', `/api/availability?${query}`, { key });

  /** The longest that the event loop was kept by anything while `work` went on. */
  async function longestRound(work: Promise<unknown>): Promise<number> {
    let longest = 0;
    let before = performance.now();
    const watch = async (): Promise<'going on'> => {
      await setImmediate();
      const now = performance.now();
      longest = Math.max(longest, now - before);
      before = now;
      return 'going on';
    };
    while ((await Promise.race([work, watch()])) === 'going on');
    return longest;
  }

  it('are answered a page at a time, without a gap or a repeat between pages', async () => {
    const first = await ask(range);
    expect(first.status).toBe(200);
    expect(first.body.slots).toHaveLength(1000);
    const second = await ask(`${range}&cursor=${first.body.nextCursor}&limit=700`);
    const starts = [...first.body.slots, ...second.body.slots].map(({ startsAt }) => Date.parse(startsAt));
    expect(starts).toHaveLength(1700);
    expect(starts).toEqual(starts.map((_, index) => (starts[0] ?? 0) + index * 60_000));
  });

  it('end: what remains of a range is its last page', async () => {
    const day = addDays(from, 3);
    const seen: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { body }: { body: Availability } = await ask(
        `date=${day}&limit=500${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...body.slots.map(({ slotId }) => slotId));
      cursor = body.nextCursor;
      pages += 1;
    } while (cursor !== null && pages < 20);
    expect([pages, new Set(seen).size, seen.length]).toEqual([3, 1440, 1440]);
  });

  it('are refused where the cursor or the limit is none', async () => {
    for (const [query, field] of [
      ['cursor=nonsense', 'cursor'],
      [`cursor=${Buffer.from('from 99999999999999').toString('base64url')}`, 'cursor'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=many', 'limit'],
    ]) {
      expect(await ask(query ?? '')).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', errors: [{ field }] },
      });
    }
  });

  it('go on from page to page to the end even where nothing suits', async () => {
    // Part of the day that has no start: all of 61 days times forty people is more than one page looks at.
    await service.request('PUT', '/api/working-hours', {
      key: tenant.key,
      body: {
        weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '12:00' })),
        overrides: [],
      },
    });
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { status, body }: { status: number; body: Availability } = await ask(
        `${range}&timePreference=evening${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      expect([status, body.slots]).toEqual([200, []]);
      cursor = body.nextCursor;
      pages += 1;
    } while (cursor !== null && pages < 20);
    expect(cursor).toBeNull();
    expect(pages).toBeGreaterThan(1);
    await service.request('PUT', '/api/working-hours', {
      key: tenant.key,
      body: {
        weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' })),
        overrides: [],
      },
    });
  });

  it('leave the process free for everybody else, however many are asked at once', async () => {
    const { key } = tenant;
    const heavy = () => [
      ask(range),
      ask(`${range}&timePreference=evening`),
      service.request('POST', '/api/agent-tools/check_availability', {
        key,
        body: { date: 'any time in the next six weeks after 11 PM' },
      }),
      service.request('POST', '/api/bookings', {
        key,
        body: { startsAt: `${addDays(from, 400)}T10:00:00Z`, name: 'Ana', phone: '+14155550123' },
      }),
    ];
    await Promise.all(heavy());
    const work = Promise.all([...heavy(), ...heavy(), ...heavy()]);
    const beside = ask('', neighbour);
    expect(await longestRound(Promise.all([work, beside]))).toBeLessThan(LONGEST_ROUND_MS);
    expect((await beside).status).toBe(200);
  });

  it('give an agent few slots, with the times of the whole day said', async () => {
    const { body } = await service.request<{ say: string; slots: unknown[]; more: number }>(
      'POST',
      '/api/agent-tools/check_availability',
      { key: tenant.key, body: { date: addDays(from, 5) } },
    );
    expect(body.slots).toHaveLength(50);
    expect(body.more).toBe(1390);
    expect(body.say).toContain('11:59 PM');
  });

  it('read of a thousand dates with hours of their own those that are asked about', async () => {
    const overrides = Array.from({ length: 1000 }, (_, day) => ({
      date: addDays(from, day),
      intervals: [{ start: '08:00', end: '09:00' }],
    }));
    const other = await aTenant(service, { timezone: ZONE });
    const body = { weekly: [], overrides };
    const { key } = other;
    expect((await service.request('PUT', '/api/working-hours', { key, body })).status).toBe(200);
    const day = addDays(from, 30);
    const snapshot = await service.app
      .get(AvailabilityRepository)
      .snapshot(asTenantId(other.id), { from: Date.parse(day), to: Date.parse(day) + 86_400_000 }, {});
    const dates = snapshot?.workingHours?.overrides.map(({ date }) => date) ?? [];
    expect(dates).toContain(day);
    expect(dates.length).toBeLessThan(15);
    const { body: answer } = await service.request<Availability>('GET', `/api/availability?date=${day}`, {
      key,
    });
    expect(answer.slots.map(({ startsAt }) => startsAt.slice(0, 16))).toEqual([`${day}T08:00`]);
  });
});
