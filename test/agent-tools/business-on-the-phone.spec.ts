import { addDays, localDateOf, weekdayOf } from '../../src/booking/engine/zoned-time.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { aReceptionist, type PhoneCall, rest, timezone } from './on-the-phone.js';

let service: TestApp;
let call: PhoneCall;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  call = await aReceptionist(service);
});
afterAll(() => service.close());

const put = (path: string, body: object) => rest(service, call.tenant, 'PUT', path, body);
const always = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
const today = () => localDateOf(Date.now(), timezone);
const hours = (...days: [number, string, string][]) => ({
  weekly: days.map(([day, start, end]) => ({ day, start, end })),
  overrides: [],
});
const saidHours = async () => (await call.say('get_business_info', { topic: 'hours' })).say;

describe('get_business_info', () => {
  it('tells the hours in groups, and gives everything', async () => {
    await put('/api/business-info', {
      address: '12 Main Street',
      phone: '+14155550100',
      website: 'https://example.com',
    });
    const answer = await call.say('get_business_info');
    expect(answer.say).toMatch(
      /^Acme Dental is open Monday to Friday from 9 AM to 5 PM\. We're (open|closed) now/,
    );
    expect(answer).toMatchObject({
      ok: true,
      business: {
        name: 'Acme Dental',
        address: '12 Main Street',
        phone: '+14155550100',
        email: null,
        website: 'https://example.com',
        note: null,
      },
      hours: {
        weekly: [
          { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], hours: ['09:00-17:00'] },
          { days: ['saturday', 'sunday'], hours: [] },
        ],
        special: [],
      },
      open_now: expect.any(Boolean) as boolean,
      timezone,
      today: expect.stringContaining(String(new Date().getUTCFullYear())) as string,
    });
  });

  it.each([
    [
      hours([1, '09:00', '12:00'], [1, '13:00', '17:00'], [3, '10:00', '14:00'], [5, '10:00', '14:00']),
      'Acme Dental is open Monday from 9 AM to 12 PM and from 1 PM to 5 PM, and Wednesday and Friday from 10 AM to 2 PM.',
    ],
    [{ weekly: [], overrides: [] }, 'Acme Dental has no regular opening hours.'],
  ])('groups days with the same hours: %#', async (week, said) => {
    await put('/api/working-hours', week);
    expect(await saidHours()).toContain(`${said} We're`);
  });

  it('does not read out a week in which every day is different', async () => {
    await put(
      '/api/working-hours',
      hours([1, '09:00', '12:00'], [2, '10:00', '12:00'], [3, '11:00', '12:00'], [4, '12:00', '13:00']),
    );
    expect(await saidHours()).toMatch(/ Which day would you like to know about\?$/);
  });

  it('knows whether it is open at this moment', async () => {
    await put('/api/working-hours', { weekly: always, overrides: [] });
    expect(await call.say('get_business_info')).toMatchObject({
      say: "Acme Dental is open 24 hours a day, every day. We're open now.",
      open_now: true,
    });
    await put('/api/working-hours', { weekly: always, overrides: [{ date: today(), intervals: [] }] });
    expect(await call.say('get_business_info')).toMatchObject({
      say: "Acme Dental is open 24 hours a day, every day. Today we're closed.",
      open_now: false,
    });
  });

  it('tells of holidays, and of hours that are other than usual', async () => {
    const [tomorrow, farAway] = [addDays(today(), 1), addDays(today(), 90)];
    await put('/api/holidays', {
      holidays: [
        { date: today(), name: 'Founders’ Day' },
        { date: tomorrow, name: 'Day After' },
        { date: farAway, name: 'Far Away' },
      ],
    });
    await put('/api/working-hours', {
      weekly: always,
      overrides: [{ date: tomorrow, intervals: [{ start: '10:00', end: '12:00' }] }],
    });
    expect(await call.say('get_business_info')).toMatchObject({
      say: "Acme Dental is open 24 hours a day, every day. Today, Founders’ Day, we're closed.",
      open_now: false,
      hours: {
        special: [
          { date: today(), hours: [], name: 'Founders’ Day' },
          { date: tomorrow, hours: ['10:00-12:00'], name: 'Day After' },
        ],
      },
    });
  });

  it('names the zone where the caller’s is another', async () => {
    const abroad = call.from('+442079460000');
    expect((await abroad.say('get_business_info')).say).toMatch(
      /^Acme Dental is open Monday to Friday from 9 AM to 5 PM Eastern Time\. /,
    );
    expect((await call.say('get_business_info', { caller_timezone: 'Pacific' })).say).toContain(
      'Eastern Time',
    );
    expect((await call.from('+14155550123').say('get_business_info')).say).not.toContain('Eastern Time');
  });

  it('answers what is asked about, and does not make up what is not written down', async () => {
    const unknown = "I don't have that here. May I take a message, so that somebody can call you back?";
    const say = async (topic: string) => (await call.say('get_business_info', { topic })).say;
    expect(await say('address')).toBe(unknown);
    expect(await say('phone')).toBe(unknown);
    await put('/api/business-info', { address: '12 Main Street', phone: '+14155550100' });
    expect(await say('address')).toBe('We are at 12 Main Street.');
    expect(await say('Location')).toBe('We are at 12 Main Street.');
    expect(await say('phone')).toBe('Our phone number is +1 415 555 0100.');
    const weekday = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][
      weekdayOf(today()) - 1
    ];
    expect(await say('today')).toMatch(
      new RegExp(`^Today is ${weekday}, .*, and it is \\d{1,2}(:\\d\\d)? [AP]M here\\.$`),
    );
    expect(await say('opening times')).toContain('Acme Dental is open');
    expect(await say('parking?')).toContain('Acme Dental is open');
  });
});

describe('list_services', () => {
  it('says three of many and gives all, with what the organisation says of each', async () => {
    const { items } = await rest<{ items: [{ id: string; name: string }] }>(
      service,
      call.tenant,
      'GET',
      '/api/resources',
    );
    for (const [name, durationMinutes] of [
      ['Cleaning', 30],
      ['Whitening', 90],
      ['Implant', 135],
    ]) {
      await rest(service, call.tenant, 'POST', '/api/services', {
        name,
        durationMinutes,
        description: `About the ${name}`,
        resourceIds: [items[0].id],
      });
    }
    const answer = await call.say('list_services');
    expect(answer.say).toMatch(
      /^We offer .+, which takes an hour; Cleaning, which takes half an hour; Whitening, which takes an hour and a half; and more\. Which would you like\?$/,
    );
    expect(answer.services).toHaveLength(4);
    expect(answer.services?.at(-1)).toEqual({
      name: 'Implant',
      duration_minutes: 135,
      description: 'About the Implant',
      resources: [items[0].name],
    });
  });

  it('says so when nothing can be booked', async () => {
    const { items } = await rest<{ items: [{ id: string }] }>(service, call.tenant, 'GET', '/api/services');
    await rest(service, call.tenant, 'PATCH', `/api/services/${items[0].id}`, { active: false });
    expect(await call.say('list_services')).toMatchObject({ ok: false, code: 'unknown_service' });
  });
});
