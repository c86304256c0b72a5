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
  tenant = await aTenant(service, { name: 'Löwen Dental' });
  connection = await aConnection(service, tenant, { platform: 'synthflow' });
});
afterAll(() => service.close());

/** What Synthflow fills into the templates that are the same in every call. */
const CALL = { call_id: '1736150000000x12', user_phone_number: CALLER, to_phone_number: DIALLED };

async function act(tool: string, body: object): Promise<Said> {
  const answer = await service.request<Said>('POST', `${connection.path}/${tool}`, {
    key: connection.secret,
    body,
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

const date = upcoming(3);
/** Variables that the model did not extract stay as they are in the template. */
const NOT_SAID = { email: '<email>', purpose: '{purpose}', service: '' };
const call = (tool: string, args: Record<string, string>) => act(tool, { ...CALL, ...NOT_SAID, ...args });

describe('Synthflow’s custom actions', () => {
  it('hold a whole conversation', async () => {
    await converse(service, tenant, { call });
  });

  it('book once, however often they are run', async () => {
    await bookAgainAndAgain(service, tenant, { call });
  });

  it('may be GET', async () => {
    const query = new URLSearchParams({ date, user_phone_number: CALLER });
    const { status, body } = await service.request(
      'GET',
      `${connection.path}/check_availability?${query.toString()}`,
      { headers: { 'x-api-key': connection.secret } },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true });
  });

  it('are no webhooks, whatever a caller gets into their template', async () => {
    const webhook = { event: 'call_inbound', call_inbound: { from_number: CALLER, to_number: DIALLED } };
    expect(await act('check_availability', { ...CALL, date, ...webhook })).toMatchObject({ ok: true });
    expect(await act('', { ...CALL, tool: 'check_availability', date, ...webhook })).toMatchObject({
      ok: true,
    });
  });

  it('say who calls by Synthflow’s own variable', async () => {
    await act('create_booking', { ...CALL, date, time: '10:00', name: 'Ana Flores', phone: CALLER });
    const stranger = { ...CALL, user_phone_number: '+14155550199', phone: CALLER };
    expect(await act('find_booking', stranger)).toMatchObject({ ok: false });
    expect(await act('find_booking', CALL)).toMatchObject({ ok: true });
  });

  it('are never answered with nothing', async () => {
    for (const tool of ['list_services', 'send_fax']) {
      expect(Object.keys(await act(tool, {}))).toEqual(expect.arrayContaining(['ok', 'say']));
    }
  });
});

describe('Synthflow’s inbound webhook', () => {
  const inbound = {
    event: 'call_inbound',
    call_inbound: { model_id: '1711241656808x74', from_number: CALLER, to_number: DIALLED },
  };
  const ask = (path: string, body: unknown) =>
    service.request('POST', `${connection.path}${path}?api_key=${connection.secret}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('leaves the call with its agent, and tells that agent what it should know', async () => {
    for (const path of ['/inbound', '']) {
      const { status, body } = await ask(path, inbound);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        call_inbound: {
          override_model_id: '',
          custom_variables: {
            business_name: 'Löwen Dental',
            timezone: 'America/New_York',
            caller_number: CALLER,
          },
        },
      });
      const { call_inbound } = body as { call_inbound: { custom_variables: object } };
      for (const value of Object.values(call_inbound.custom_variables)) expect(typeof value).toBe('string');
    }
  });

  it('drops no call, whatever it sends', async () => {
    for (const body of [{}, [], 'hello', { call_inbound: 7 }, { event: 'call_inbound' }]) {
      const { status, body: answer } = await ask('/inbound', body);
      expect(status).toBe(200);
      expect(answer).toMatchObject({ call_inbound: { override_model_id: '' } });
    }
  });

  it('has its address told with the connection', () => {
    expect(connection.webhooks).toContainEqual({ event: 'inbound call', url: `${connection.url}/inbound` });
  });

  it('has what comes after the call acknowledged', async () => {
    const ended = { status: 'completed', call: { call_id: CALL.call_id, status: 'completed' } };
    expect((await ask('/ended', ended)).status).toBe(200);
  });
});
