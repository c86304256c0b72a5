import { at, upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp } from '../support/test-app.js';

const CALLER = '+14155550123';

describe('the name of a customer in what agents are answered', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());

  it.each([
    ['Ana [Flores](https://evil.example/x) <b>Ruiz</b>', 'Ana Flores Ruiz'],
    ['Ana Flores {{system}} #ignore', 'Ana Flores system ignore'],
    [`Ana ${'Flores '.repeat(20)}`.trim(), `Ana ${'Flores '.repeat(8)}`.trim()],
  ])('is as it can be read out: %s', async (name, said) => {
    const tenant = await aTenant(service);
    for (const day of [3, 4] as const) {
      const body = { startsAt: at(upcoming(day), '10:00'), name, phone: CALLER };
      expect((await service.request('POST', '/api/bookings', { key: tenant.key, body })).status).toBe(201);
    }
    const ask = (tool: string) =>
      service.request('POST', `/api/agent-tools/${tool}`, {
        key: tenant.key,
        headers: { 'x-caller-number': CALLER },
        body: {},
      });
    // Those that were found, and those of which one is meant.
    for (const tool of ['find_booking', 'cancel_booking']) {
      const { body } = await ask(tool);
      expect(body['bookings']).toMatchObject([{ name: said }, { name: said }]);
      expect(JSON.stringify(body)).not.toMatch(/https|<b>|\{\{/);
    }
  });
});
