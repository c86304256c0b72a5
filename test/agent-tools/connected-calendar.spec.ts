import type { ToolAnswer } from '../../src/agent-tools/tool-runner.js';
import { synchronised } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

const email = 'owner@acme-dental.example';
const wednesday = upcoming(3);
const budgetMs = 800;

let service: TestApp;
let tenant: TestTenant;

beforeAll(async () => {
  service = await startTestApp({ calendarBudgetMs: budgetMs });
  service.google.addAccount({ email, timeZone: 'America/New_York' });
  tenant = await aTenant(service);
  expect((await connectGoogle(service, tenant, email)).status).toBe(200);
  await synchronised(service.database, tenant.id);
});
afterEach(() => service.google.clearFaults());
afterAll(() => service.close());

async function call(tool: string, body: object, { key } = tenant): Promise<ToolAnswer> {
  const answer = await service.request<ToolAnswer>('POST', `/api/agent-tools/${tool}`, { key, body });
  expect(answer.status).toBe(200);
  return answer.body;
}

describe('the tools with a connected calendar', () => {
  it('offer what is free in it', async () => {
    const start = { dateTime: at(wednesday, '09:00') };
    const end = { dateTime: at(wednesday, '14:00') };
    service.google.account(email).calendar().addEvent({ summary: 'Training', start, end });
    await synchronised(service.database, tenant.id);
    expect(await call('check_availability', { date: wednesday })).toMatchObject({
      say: expect.stringMatching(/I have 2 PM, 3 PM and 4 PM\.$/) as string,
      calendar: { state: 'fresh', as_of: expect.any(String) as string },
    });
  });

  it('mention the video link of a booking, and do not read it out', async () => {
    const answer = await call('create_booking', {
      name: 'Ana',
      phone: '415 555 0123',
      date: wednesday,
      time: '14:00',
    });
    expect(answer).toMatchObject({
      ok: true,
      say: expect.stringMatching(/under the name Ana, and the video link is in the booking\.$/) as string,
      booking: {
        meet_link: expect.stringMatching(/^https:\/\/meet\.google\.com\//) as string,
        calendar_status: 'synced',
      },
    });
    expect(answer.say).not.toContain('http');
  });

  it('answer within the budget while Google hangs, also when they have to look at other days', async () => {
    service.google.fault({ on: /^events/, hang: true, times: Infinity });
    const newcomer = await aTenant(service);
    service.google.addAccount({ email: 'newcomer@acme-dental.example' });
    expect((await connectGoogle(service, newcomer, 'newcomer@acme-dental.example')).status).toBe(200);
    for (const [asking, state] of [
      [tenant, 'fresh'],
      // Nothing of that calendar is mirrored yet, nor can be read.
      [newcomer, 'unknown'],
    ] as const) {
      const began = performance.now();
      const answer = await call('check_availability', { date: upcoming(6) }, asking);
      expect(performance.now() - began).toBeLessThan(budgetMs + 700);
      expect(answer).toMatchObject({ ok: true, slots: [], calendar: { state } });
      expect(answer['alternatives']).toHaveLength(3);
    }
  });

  it('book within the budget while Google hangs, and promise no link', async () => {
    service.google.fault({ on: /^events/, hang: true, times: Infinity });
    const began = performance.now();
    const answer = await call('create_booking', {
      name: 'Ben',
      phone: '415 555 0199',
      date: wednesday,
      time: '15:00',
    });
    expect(performance.now() - began).toBeLessThan(budgetMs + 700);
    expect(answer).toMatchObject({
      ok: true,
      say: expect.stringMatching(
        /^You're booked for .* at 3 PM\. The appointment is under the name Ben\.$/,
      ) as string,
      booking: { meet_link: null, calendar_status: 'pending' },
    });
  });
});
