import fc from 'fast-check';
import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';

/** On the second the clocks go forward in New York, on the fourth they are an ordinary Monday's. */
const DATES = ['2027-03-12', '2027-03-14', '2027-03-15'];
const CALLS = ['call-1', 'call-2', 'call-3'];

interface ToolAnswer {
  ok: boolean;
  say: string;
  code?: string;
  slots?: { slot_id: string }[];
}

describe('what is offered to a conversation, whoever holds what', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  async function organisation(maxPerDay: number | null, bufferAfterMinutes: number): Promise<string> {
    const { key } = await aTenant(app, { timezone: 'America/New_York' });
    const { body: others } = await app.request<{ items: { id: string }[] }>('GET', '/api/resources', { key });
    const { body: second } = await app.request<{ id: string }>('POST', '/api/resources', {
      key,
      body: { name: 'Second' },
    });
    const { body: services } = await app.request<{ items: { id: string }[] }>('GET', '/api/services', {
      key,
    });
    const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '06:00' }));
    await app.request('PUT', '/api/working-hours', { key, body: { weekly, overrides: [] } });
    const changed = await app.request('PATCH', `/api/services/${services.items[0]!.id}`, {
      key,
      body: {
        ...{ durationMinutes: 45, slotStepMinutes: 30, bufferAfterMinutes, maxPerDay, maxAdvanceDays: 730 },
        resourceIds: [others.items[0]!.id, second.id],
      },
    });
    expect(changed.status).toBe(200);
    return key;
  }

  const step = fc.record({
    call: fc.constantFrom(...CALLS),
    date: fc.constantFrom(...DATES),
    tool: fc.constantFrom('hold_slot', 'hold_slot', 'create_booking'),
    pick: fc.nat(),
  });

  it('can be held and booked by it, and is taken only once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(null, 3, 6),
        fc.constantFrom(0, 20),
        fc.array(step, { minLength: 6, maxLength: 16 }),
        async (maxPerDay, bufferAfterMinutes, steps) => {
          const key = await organisation(maxPerDay, bufferAfterMinutes);
          const ask = async (call: string, tool: string, body: object): Promise<ToolAnswer> =>
            (
              await app.request<ToolAnswer>('POST', `/api/agent-tools/${tool}`, {
                key,
                body,
                headers: { 'x-call-id': call },
              })
            ).body;
          for (const [index, { call, date, tool, pick }] of steps.entries()) {
            const { slots = [] } = await ask(call, 'check_availability', { date });
            const slot = slots[pick % Math.max(1, slots.length)];
            if (slot === undefined) continue;
            const phone = `+1415555${1000 + index}`;
            const answer = await ask(call, tool, {
              slot_id: slot.slot_id,
              name: `Caller ${index} Smith`,
              phone,
            });
            expect({ index, tool, code: answer.code, ok: answer.ok }).toEqual({ index, tool, ok: true });
          }
          const overlapping = await app.database.query(
            `SELECT 1 FROM booking a JOIN booking b ON a.tenant_id = b.tenant_id AND a.resource_id = b.resource_id
               AND a.id < b.id AND a.blocked && b.blocked
             WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')`,
          );
          expect(overlapping).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['OFFER_RUNS'] ?? 15), endOnFailure: true },
    );
  }, 120_000);
});
