import { createHash, createHmac } from 'node:crypto';
import { Twilio } from '../../../src/agent-tools/platforms/twilio.js';
import { TOOL_SPECIFICATIONS } from '../../../src/agent-tools/tools.js';
import { upcoming } from '../../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../../support/test-app.js';
import { aConnection, type TestConnection } from './connection.js';
import {
  bookAgainAndAgain,
  CALLER,
  converse,
  DIALLED,
  hangUpWhileHolding,
  type Said,
} from './conversation.js';

/** Of the account, made up. */
const AUTH_TOKEN = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

let service: TestApp;
let tenant: TestTenant;
let connection: TestConnection;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  connection = await aConnection(service, tenant, { platform: 'twilio', secret: AUTH_TOKEN });
});
afterAll(() => service.close());

const CALL = {
  AccountSid: 'AC00000000000000000000000000000000',
  ApiVersion: '2010-04-01',
  CallSid: 'CA0123456789abcdef0123456789abcdef',
  CallStatus: 'in-progress',
  Direction: 'inbound',
  From: CALLER,
  To: DIALLED,
};
const date = upcoming(3);
type Fields = readonly (readonly [string, string])[];

/** As Twilio's guide has it: the address, then every field's name and value in the order of the names. */
function signature(
  url: string,
  fields: Fields = [],
  { token = AUTH_TOKEN, algorithm = 'sha1' } = {},
): string {
  const sorted = [...fields].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  const text = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac(algorithm, token).update(Buffer.from(text)).digest('base64');
}

const formOf = (fields: Fields) =>
  new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

async function sendForm<Body = Said>(
  path: string,
  fields: Fields,
  sign = signature(`${connection.url}${path}`, fields),
) {
  return service.request<Body>('POST', `${connection.path}${path}`, {
    body: formOf(fields),
    headers: { ...FORM, 'x-twilio-signature': sign },
  });
}

async function sendJson(path: string, text: string, { hashed = text } = {}) {
  const query = `?bodySHA256=${createHash('sha256').update(hashed).digest('hex')}`;
  return service.request<Said>('POST', `${connection.path}${path}${query}`, {
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': signature(`${connection.url}${path}${query}`),
    },
  });
}

const fieldsOf = (...objects: Record<string, string>[]): Fields =>
  objects.flatMap((object) => Object.entries(object));

const withForm = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const { status, body } = await sendForm(`/${tool}`, fieldsOf(args, CALL));
    expect(status).toBe(200);
    return body;
  },
};
const withJson = {
  async call(tool: string, args: Record<string, string>): Promise<Said> {
    const { status, body } = await sendJson(`/${tool}`, JSON.stringify({ ...args, ...CALL }));
    expect(status).toBe(200);
    return body;
  },
};

async function hangUp(): Promise<void> {
  const answer = await sendForm('/call', fieldsOf({ ...CALL, CallStatus: 'completed', CallDuration: '42' }));
  expect(answer.status).toBe(200);
}

it('holds a whole conversation in forms', () => converse(service, tenant, withForm));
it('holds a whole conversation in JSON', () => converse(service, tenant, withJson));
it('books once what it is asked for again and again', () => bookAgainAndAgain(service, tenant, withForm));
it('gives back what a caller held who has hung up', () =>
  hangUpWhileHolding(service, tenant, { ...withForm, hangUp }));

describe('a request of Twilio for a tool', () => {
  it('has its arguments in the address where it has no body', async () => {
    const path = `/check_availability?date=${date}&time_preference=morning`;
    const { body } = await service.request<Said>('GET', `${connection.path}${path}`, {
      headers: { 'x-twilio-signature': signature(`${connection.url}${path}`) },
    });
    expect(body).toMatchObject({ ok: true, say: expect.stringContaining('9 AM') as string });
  });

  it('knows who calls, and who is called', async () => {
    await withForm.call('create_booking', { date, time: '14:00', name: 'Ana Flores', phone: CALLER });
    const find = async (call: object) =>
      (await sendForm('/find_booking', fieldsOf({ ...CALL, ...call }))).body;
    expect(await find({})).toMatchObject({ ok: true });
    expect(await find({ Direction: 'outbound-api', From: DIALLED, To: CALLER })).toMatchObject({ ok: true });
    expect(await find({ From: 'client:anna' })).toMatchObject({ ok: false, code: 'missing_information' });
    expect(await find({ From: '+266696687' })).toMatchObject({ ok: false, code: 'missing_information' });
  });

  it('is acknowledged where it tells of a call', async () => {
    for (const CallStatus of ['ringing', 'completed']) {
      const { status, body } = await sendForm('/call', fieldsOf({ ...CALL, CallStatus }));
      expect([status, body]).toEqual([200, { received: true }]);
    }
  });

  it('is answered with a sentence where it cannot be read', async () => {
    const sentence = { status: 200, body: { ok: false, say: expect.stringMatching(/\w+ \w+/) as string } };
    expect(await sendJson('/check_availability', '{"date":')).toMatchObject(sentence);
    expect(await sendJson('/check_availability', '[1]')).toMatchObject(sentence);
    expect(await sendForm('/check_availability', [['%', '&=\u0000']])).toMatchObject(sentence);
    expect(await sendForm('/order_pizza', [])).toMatchObject(sentence);
    expect(await sendForm('', fieldsOf(CALL))).toMatchObject(sentence);
  });
});

describe('Twilio is let in', () => {
  const fields = fieldsOf({ ...CALL, CallerName: 'Zoë Müller & daughter', Digits: '' });
  const path = '/get_business_info';

  it('by its signature over address and form, with the port or without', async () => {
    expect((await sendForm(path, fields)).status).toBe(200);
    const withPort = connection.url.replace('calendar.test', 'calendar.test:80');
    expect((await sendForm(path, fields, signature(`${withPort}${path}`, fields))).status).toBe(200);
    expect((await sendForm(`${path}?locale=en-US&x=%2B1`, fields)).status).toBe(200);
  });

  it('by a signature over fields that come several times', async () => {
    const several: Fields = [...fields, ['MediaUrl', 'b'], ['MediaUrl', 'a']];
    expect((await sendForm(path, several)).status).toBe(200);
  });

  it('by the SHA-256 of a webhook rule', async () => {
    const sign = signature(`${connection.url}${path}`, fields, { algorithm: 'sha256' });
    expect((await sendForm(path, fields, sign)).status).toBe(200);
  });

  it('not otherwise', async () => {
    const url = `${connection.url}${path}`;
    const right = signature(url, fields);
    const other = await aConnection(service, await aTenant(service), {
      platform: 'twilio',
      secret: 'f0e1d2c3b4a5968778695a4b3c2d1e0f',
    });
    const forms: [string, Fields, string][] = [
      ['no signature', fields, ''],
      ['a wrong token', fields, signature(url, fields, { token: 'another-token' })],
      ['another field', [...fields, ['Extra', '1']], right],
      ['another value', fields.map(([name, value]) => [name, name === 'From' ? DIALLED : value]), right],
      ['another address', fields, signature(`${connection.url}/cancel_booking`, fields)],
      ['another scheme', fields, signature(url.replace('http:', 'https:'), fields)],
      ['the signature twice', fields, `${right}, ${right}`],
      ['the token itself', fields, AUTH_TOKEN],
    ];
    for (const [what, sent, sign] of forms) {
      expect([what, (await sendForm(path, sent, sign)).status]).toEqual([what, 401]);
    }
    const body = formOf(fields);
    const refusedAt = async (to: string, headers: Record<string, string>, text = body) =>
      expect((await service.request('POST', to, { body: text, headers })).status).toBe(401);
    await refusedAt(`${connection.path}${path}`, { ...FORM, authorization: `Bearer ${AUTH_TOKEN}` });
    await refusedAt(`${other.path}${path}`, { ...FORM, 'x-twilio-signature': right });
    await refusedAt(`${connection.path}${path}?tool=x`, { ...FORM, 'x-twilio-signature': right });
  });

  it('not with a JSON body that its signature does not cover', async () => {
    const text = JSON.stringify({ note: 'déjà – "vu"' }, null, 1);
    expect((await sendJson(path, text)).status).toBe(200);
    expect((await sendJson(path, JSON.stringify(JSON.parse(text)), { hashed: text })).status).toBe(401);
    const headers = {
      'content-type': 'application/json',
      'x-twilio-signature': signature(`${connection.url}${path}`),
    };
    const unhashed = await service.request('POST', `${connection.path}${path}`, { body: text, headers });
    expect(unhashed.status).toBe(401);
  });

  it('only where its token was given', async () => {
    const made = await service.request('POST', '/api/agent-connections', {
      key: tenant.key,
      body: { platform: 'twilio', name: 'x' },
    });
    expect(made).toMatchObject({ status: 400, body: { errors: [{ field: 'secret' }] } });
  });
});

it('says what to fill in for each tool', () => {
  const url = 'https://c.example/api/voice/twilio/1';
  const [first] = new Twilio().define(TOOL_SPECIFICATIONS, { url, secret: 's3' });
  expect(first).toMatchObject({
    name: 'check_availability',
    method: 'POST',
    url: `${url}/check_availability`,
    contentType: 'application/x-www-form-urlencoded',
    fields: { From: '{{trigger.call.From}}' },
    parameters: { type: 'object' },
  });
});
