import { upcoming } from '../../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../../support/test-app.js';
import { aConnection, type TestConnection } from './connection.js';
import { bookAgainAndAgain, CALLER, converse, DIALLED, type Said } from './conversation.js';

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'bland' });
});
afterAll(() => service.close());

type Flat = Said & Record<string, string | number | boolean | null>;

/** What Bland fills into the templates that are the same in every call. */
const CALL = { call_id: 'c-7f3d', phone_number: CALLER, from: CALLER, to: DIALLED };

async function post(
  tool: string,
  body: unknown,
  headers: Record<string, string> = { authorization: connection.secret },
): Promise<Flat> {
  const answer = await service.request<Flat>('POST', `${connection.path}/${tool}`, { headers, body });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** Reads the variables of the answer as a pathway does, and gives them the names that the conversation goes by. */
async function call(tool: string, input: Record<string, string>): Promise<Said> {
  const flat = await post(tool, { ...CALL, input });
  const slots = [1, 2, 3].map((place) => ({
    slot_id: flat[`slot_${place}_id`],
    label: flat[`slot_${place}_label`],
    starts_at: startOf(flat[`slot_${place}_date`], flat[`slot_${place}_time`]),
  }));
  const booking = { id: flat['booking_id'], reference: flat['booking_reference'] };
  return { ok: flat.ok, say: flat.say, slots, booking };
}

/** "2027-01-20" and "2:00 PM", in New York. */
function startOf(date: unknown, time: unknown): string | null {
  if (typeof date !== 'string' || typeof time !== 'string') return null;
  expect(time).toMatch(/^(?:[1-9]|1[0-2]):[0-5]\d [AP]M$/);
  const offset = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    timeZoneName: 'longOffset',
  })
    .format(new Date(`${date}T17:00:00Z`))
    .replace(/^.*GMT/, '');
  return new Date(`${date} ${time} GMT${offset}`).toISOString();
}

const date = upcoming(3);

describe('Bland', () => {
  it('holds a whole conversation with what it reads by JSONPath', async () => {
    await converse(service, tenant, { call });
  });

  it('books once, however often it retries', async () => {
    await bookAgainAndAgain(service, tenant, { call });
  });

  it('gets the same members in every answer, none of them a list or an object', async () => {
    const { booking_reference: reference } = await post('create_booking', {
      ...CALL,
      input: { date, time: '10:00 AM', name: 'Ana Flores', phone: CALLER },
    });
    const answers = [
      await post('check_availability', { ...CALL, input: { date } }),
      await post('check_availability', { ...CALL, input: { date: 'purple' } }),
      await post('create_booking', { ...CALL, input: {} }),
      await post('find_booking', { ...CALL, input: {} }),
      await post('cancel_booking', { ...CALL, input: { reference } }),
      await post('list_services', CALL),
      await post('get_business_info', CALL),
      await post('send_fax', CALL),
    ];
    const members = Object.keys(answers[0] ?? {});
    expect(members).toEqual(
      expect.arrayContaining(['say', 'slot_1_id', 'booking_reference', 'hold_id', 'today']),
    );
    for (const answer of answers) {
      expect(Object.keys(answer)).toEqual(members);
      for (const value of Object.values(answer)) {
        expect(value === null || ['string', 'number', 'boolean'].includes(typeof value)).toBe(true);
      }
    }
  });

  it('gets the three times that are said, whichever they are', async () => {
    const spread = await post('check_availability', { ...CALL, input: { date } });
    expect([1, 2, 3].map((place) => spread[`slot_${place}_time`])).toEqual([
      '9:00 AM',
      '12:00 PM',
      '4:00 PM',
    ]);
    const asked = await post('check_availability', { ...CALL, input: { date, time: '2:00 PM' } });
    expect([1, 2].map((place) => asked[`slot_${place}_time`])).toEqual(['2:00 PM', null]);
  });

  it('fills arguments beside what it says of the call, too, and leaves templates as they are', async () => {
    const body = {
      ...CALL,
      date,
      time: '10:00 AM',
      name: 'Ana Flores',
      phone: CALLER,
      email: '{{input.email}}',
    };
    expect(await post('create_booking', body)).toMatchObject({
      ok: true,
      booking_date: date,
      booking_time: '10:00 AM',
    });
  });

  it('may send its template as a query', async () => {
    const query = new URLSearchParams({ date, phone_number: CALLER });
    const { status, body } = await service.request(
      'GET',
      `${connection.path}/check_availability?${query.toString()}`,
      { headers: { authorization: `Bearer ${connection.secret}` } },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true });
  });

  it('says who calls beside the arguments, never among them', async () => {
    await post('create_booking', {
      ...CALL,
      input: { date, time: '10:00 AM', name: 'Ana Flores', phone: CALLER },
    });
    const stranger = { ...CALL, phone_number: '+14155550199', from: '+14155550199' };
    const input = { phone_number: CALLER, from: CALLER, phone: CALLER };
    expect(await post('find_booking', { ...stranger, input })).toMatchObject({ ok: false });
    // Where we call, the other party's number is in `to`.
    const outbound = { call_id: 'c-8', phone_number: CALLER, from: DIALLED, to: CALLER };
    expect(await post('find_booking', { ...outbound, input: {} })).toMatchObject({ ok: true });
  });

  it.each([
    ['a bare secret', () => ({ authorization: connection.secret })],
    ['a bearer token', () => ({ authorization: `Bearer ${connection.secret}` })],
    ['`X-API-Key`', () => ({ 'x-api-key': connection.secret })],
  ])('is known by %s', async (_how, headers) => {
    expect(await post('list_services', CALL, headers())).toMatchObject({ ok: true });
  });
});
