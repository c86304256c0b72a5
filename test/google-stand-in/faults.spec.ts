import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import {
  codeFor,
  at,
  connect,
  messageOf,
  oauthClient,
  owner,
  refusalOf,
  startStandIn,
  type Calendar,
} from './support.js';

describe('faults on demand', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;

  beforeEach(async () => {
    standIn = await startStandIn();
    ({ api } = await connect(standIn));
    standIn.clearRequests();
  });
  afterEach(() => standIn.stop());

  const insert = (id = 'booking1', options: object = {}) =>
    api.events.insert({ calendarId: 'primary', requestBody: { id, ...at('2026-06-01T10:00:00Z') } }, options);
  const events = () => standIn.account(owner).calendar().events();
  const statuses = () => standIn.requests.map(({ operation, status }) => `${operation} ${status}`);

  it('meet the named operation as often as asked, in Google’s shape', async () => {
    standIn.fault({ on: 'events.insert', status: 403, reason: 'rateLimitExceeded', times: 2 });
    expect(await refusalOf(api.calendarList.list({}))).toBe('not refused');
    expect(await refusalOf(insert())).toBe('403 rateLimitExceeded');
    expect(await messageOf(insert())).toBe('Rate Limit Exceeded');
    expect(await refusalOf(insert())).toBe('not refused');
    expect(events()).toHaveLength(1);
  });

  it('can answer what Google never says, with any status', async () => {
    const body = '<html>Please log in</html>';
    standIn.fault({ on: 'events.insert', status: 404, body });
    standIn.fault({ on: 'events.insert', body: '{"message":"no Route matched"}', contentType: 'text/plain' });
    const failure = await insert().catch((error: unknown) => error as { response: { data: unknown } });
    expect('response' in failure && failure.response.data).toBe(body);
    const { data, headers } = (await insert()) as unknown as { data: string; headers: Headers };
    expect([data, headers.get('content-type')]).toEqual(['{"message":"no Route matched"}', 'text/plain']);
    expect(statuses()).toEqual(['events.insert 404', 'events.insert 200']);
    expect(events()).toEqual([]);
  });

  it('can meet a share of the requests, the same ones with the same seed', async () => {
    const met = async (seed: number) => {
      standIn.clearFaults();
      standIn.clearRequests();
      standIn.fault({ on: 'calendarList.list', status: 404, share: 0.3, seed });
      for (let count = 0; count < 30; count += 1) await refusalOf(api.calendarList.list({}));
      return standIn.requests.map(({ status }) => status);
    };
    const first = await met(1);
    expect(first.filter((status) => status === 404).length).toBeGreaterThan(2);
    expect(first.filter((status) => status === 200).length).toBeGreaterThan(10);
    expect(await met(1)).toEqual(first);
    expect(await met(2)).not.toEqual(first);
  });

  it('can make another event than the one that was asked for', async () => {
    standIn.fault({ on: 'events.insert', ignoreId: true });
    const { data } = await insert('booking1');
    expect(data.id).not.toBe('booking1');
    expect(events().map(({ id }) => id)).toEqual([data.id]);
  });

  it('can send Retry-After', async () => {
    standIn.fault({ status: 429, retryAfter: 7 });
    const failure = await insert().catch((error: unknown) => error as { response: { headers: Headers } });
    expect('response' in failure && failure.response.headers.get('retry-after')).toBe('7');
  });

  it('are retried by the client where it retries: a GET after 503', async () => {
    standIn.fault({ on: /^events\./, status: 503 });
    await api.events.list({ calendarId: 'primary' });
    expect(statuses()).toEqual(['events.list 503', 'events.list 200']);
  });

  it('have OAuth’s shape at the token endpoint', async () => {
    standIn.fault({ on: 'token', status: 400, reason: 'invalid_grant' });
    const client = oauthClient(standIn);
    client.setCredentials({ refresh_token: 'any' });
    expect(await refusalOf(client.getAccessToken())).toBe('400 invalid_grant');
  });

  it('meet only the account they are meant for', async () => {
    const other = await connect(standIn, {}, 'other@salon.example');
    standIn.fault({ account: 'other@salon.example', status: 403, reason: 'quotaExceeded', times: Infinity });
    expect(await refusalOf(insert())).toBe('not refused');
    expect(await refusalOf(other.api.events.get({ calendarId: 'primary', eventId: 'x' }))).toBe(
      '403 quotaExceeded',
    );
  });

  it('can lose the answer after the work is done', async () => {
    standIn.fault({ on: 'events.insert', loseAnswer: true });
    await expect(insert()).rejects.toThrow();
    expect(events()).toHaveLength(1);
    expect(await refusalOf(insert())).toBe('409 duplicate');
  });

  it('end in invalid_grant when the answer to a code is lost, as the client asks twice', async () => {
    const client = oauthClient(standIn);
    const code = String((await codeFor(standIn, client)).get('code'));
    standIn.fault({ on: 'token', loseAnswer: true });
    expect(await refusalOf(client.getToken(code))).toBe('400 invalid_grant');
  });

  it('can drop the connection before any work', async () => {
    standIn.fault({ on: 'events.insert', drop: true });
    await expect(insert()).rejects.toThrow();
    expect(events()).toHaveLength(0);
  });

  it('can hang until the client gives up', async () => {
    standIn.fault({ on: 'events.insert', hang: true });
    await expect(insert('booking1', { timeout: 100 })).rejects.toMatchObject({ code: 'TimeoutError' });
    expect(events()).toHaveLength(0);
  });

  it('can hang until faults are cleared', async () => {
    standIn.fault({ on: 'events.insert', hang: true, times: Infinity });
    const hanging = insert();
    setTimeout(() => standIn.clearFaults(), 50);
    await expect(hanging).rejects.toThrow();
    expect(await refusalOf(insert())).toBe('not refused');
  });

  it('do not keep the stand-in from stopping', async () => {
    standIn.fault({ on: 'events.insert', hang: true });
    standIn.fault({ on: 'events.list', delayMs: 60_000 });
    const open = [insert(), api.events.list({ calendarId: 'primary' }, { retry: false })];
    const failed = Promise.allSettled(open);
    setTimeout(() => void standIn.stop(), 50);
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('can be late', async () => {
    standIn.fault({ on: 'events.insert', delayMs: 120 });
    const began = performance.now();
    await insert();
    expect(performance.now() - began).toBeGreaterThan(110);
  });

  it('can be set by another process', async () => {
    const address = `${standIn.origin}/faults`;
    const post = (fault: object) => fetch(address, { method: 'POST', body: JSON.stringify(fault) });
    expect((await post({ on: 'events.insert', status: 500, times: 'always' })).status).toBe(201);
    expect((await post({ on: 'events.insert' })).status).toBe(400);
    expect(await refusalOf(insert())).toBe('500 backendError');
    expect(await (await fetch(address)).json()).toMatchObject({
      faults: [{ on: 'events.insert', status: 500 }],
    });
    await fetch(address, { method: 'DELETE' });
    expect(await refusalOf(insert())).toBe('not refused');
  });
});

describe('the request log', () => {
  it('tells what was asked, by whom, and how it was answered', async () => {
    const standIn = await startStandIn();
    const { api } = await connect(standIn);
    standIn.clearRequests();
    await refusalOf(api.events.get({ calendarId: 'primary', eventId: 'unknown' }));
    expect(standIn.requests).toEqual([
      {
        at: expect.any(Number) as unknown,
        method: 'GET',
        path: '/calendar/v3/calendars/primary/events/unknown',
        operation: 'events.get',
        query: {},
        body: undefined,
        accountEmail: owner,
        status: 404,
      },
    ]);
    await standIn.stop();
  });
});
