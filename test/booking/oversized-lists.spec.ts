import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

describe('lists that are longer than a route takes', () => {
  let service: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    service = await startTestApp();
    tenant = await aTenant(service);
  });
  afterAll(() => service.close());

  const problems = async (method: 'PUT' | 'POST', path: string, body: object) => {
    const answer = await service.request<{ errors: object[] }>(method, path, { key: tenant.key, body });
    expect(answer.status).toBe(400);
    return answer.body.errors;
  };
  const many = (count: number, one: object = {}) => Array.from({ length: count }, () => one);

  it('are refused by their length, and none of their elements is looked at', async () => {
    expect(await problems('PUT', '/api/working-hours', { weekly: many(10_000), overrides: [] })).toEqual([
      { field: 'weekly', message: 'must contain no more than 168 elements' },
    ]);
    expect(await problems('PUT', '/api/holidays', { holidays: many(10_000) })).toEqual([
      { field: 'holidays', message: expect.stringMatching(/^must contain no more than \d+ elements$/) },
    ]);
  });

  it('wherever they are in the body', async () => {
    const workingHours = { weekly: [], overrides: [{ date: '2027-01-01', intervals: many(25) }] };
    expect(await problems('PUT', '/api/working-hours', workingHours)).toEqual([
      { field: 'overrides[0].intervals', message: 'must contain no more than 24 elements' },
    ]);
    expect(await problems('POST', '/api/resources', { name: 'Dr. Reyes', workingHours })).toEqual([
      { field: 'workingHours.overrides[0].intervals', message: 'must contain no more than 24 elements' },
    ]);
  });

  it('are refused also where each is short and all of them together are not', async () => {
    const overrides = many(300, { date: '2027-01-01', intervals: many(24) });
    const found = await problems('PUT', '/api/working-hours', { weekly: [], overrides });
    expect(found).toEqual([
      { field: expect.stringMatching(/intervals$/), message: expect.stringMatching(/too many/) },
    ]);
  });
});
