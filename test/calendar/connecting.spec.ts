import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { PUBLIC_URL } from '../support/test-settings.js';
import type { ConsentChoice, StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';

const RETURN_TO = 'https://dashboard.test/settings?tab=calendar';

describe('connecting a Google Calendar', () => {
  let service: TestApp;
  let acme: TestTenant;
  let email: string;
  let tenants = 0;

  beforeAll(async () => {
    service = await startTestApp({ calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    service.google.clearFaults();
    service.google.clearRequests();
    tenants += 1;
    email = `owner${tenants}@acme.example`;
    acme = await aTenant(service);
    service.google.addAccount({ email, timeZone: 'Europe/Paris' });
  });

  const authUrl = async (returnTo?: string) => {
    const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
    const { body } = await service.request<{ authUrl: string }>(
      'GET',
      `/api/tenant-calendar/auth-url${query}`,
      {
        key: acme.key,
      },
    );
    return body.authUrl;
  };
  const consent = async (choice: Partial<ConsentChoice> = {}, returnTo?: string) =>
    (await service.google.consent(await authUrl(returnTo), { email, ...choice })).replace(PUBLIC_URL, '');
  const callback = (path: string) => service.request<string>('GET', path);
  const status = async () =>
    (await service.request('GET', '/api/tenant-calendar/status', { key: acme.key })).body;
  const stored = async () => {
    const [counts] = await service.database.query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM calendar_connection WHERE tenant_id = $1) AS connections,
         (SELECT count(*)::int FROM tenant_google_token WHERE tenant_id = $1) AS tokens,
         (SELECT count(*)::int FROM calendar WHERE tenant_id = $1) AS calendars,
         (SELECT count(*)::int FROM oauth_state WHERE tenant_id = $1) AS states`,
      [acme.id],
    );
    return counts;
  };
  const nothing = { connections: 0, tokens: 0, calendars: 0, states: 0 };
  /** Of codes for tokens; calendars that are connected already have theirs refreshed now and then. */
  const exchanges = () =>
    service.google.requests.filter(
      ({ operation, body }) =>
        operation === 'token' && (body as Record<string, string>)['grant_type'] === 'authorization_code',
    );
  const revocations = () => service.google.requests.filter(({ operation }) => operation === 'revoke');

  it('sends the owner to a consent page that asks for what is needed and no more', async () => {
    const { origin, pathname, searchParams } = new URL(await authUrl());
    expect(origin + pathname).toBe(`${service.google.origin}/o/oauth2/v2/auth`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: `${PUBLIC_URL}/api/tenant-calendar/callback`,
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{22}\.[\w-]{43}$/) as string,
    });
    expect(searchParams.get('scope')?.split(' ').sort()).toEqual([
      'email',
      'https://www.googleapis.com/auth/calendar.calendarlist.readonly',
      'https://www.googleapis.com/auth/calendar.events',
      'https://www.googleapis.com/auth/calendar.freebusy',
      'openid',
    ]);
  });

  it('stores of a consent under way neither its state nor its verifier', async () => {
    const state = new URL(await authUrl()).searchParams.get('state') ?? '';
    const rows = await service.database.query<{ all: string; code_verifier: string }>(
      `SELECT row_to_json(s)::text AS all, code_verifier FROM oauth_state s WHERE tenant_id = $1`,
      [acme.id],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.all).not.toContain(state.slice(23));
    expect(rows[0]?.code_verifier).toMatch(/^v1\.k1\./);
  });

  it('ends on a small page, and the status shows whose calendar it is', async () => {
    const page = await connectGoogle(service, acme, email);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`Calendar connected – ${email}`);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(await status()).toMatchObject({
      connected: true,
      email,
      state: 'connected',
      reason: null,
      connectedAt: expect.any(String) as string,
      calendars: [
        {
          id: 'primary',
          summary: email,
          timezone: 'Europe/Paris',
          readsConflicts: true,
          writesBookings: true,
        },
      ],
    });
  });

  it('keeps tokens only as ciphertext', async () => {
    await connectGoogle(service, acme, email);
    const [row] = await service.database.query<Record<string, string>>(
      `SELECT access_token, refresh_token, key_id FROM tenant_google_token WHERE tenant_id = $1`,
      [acme.id],
    );
    expect(row).toEqual({
      access_token: expect.stringMatching(/^v1\.k1\./) as string,
      refresh_token: expect.stringMatching(/^v1\.k1\./) as string,
      key_id: 'k1',
    });
  });

  it('sends the owner back to the dashboard when it asked for that', async () => {
    const answer = await callback(await consent({}, RETURN_TO));
    expect(answer).toMatchObject({
      status: 302,
      headers: { location: 'https://dashboard.test/settings?tab=calendar&calendar=connected' },
    });
    expect(await status()).toMatchObject({ connected: true });
  });

  it('sends the owner back to the dashboard with a reason when it did not work', async () => {
    const answer = await callback(await consent({ deny: true }, RETURN_TO));
    expect(answer).toMatchObject({
      status: 302,
      headers: {
        location: 'https://dashboard.test/settings?tab=calendar&calendar=error&reason=access_denied',
      },
    });
    expect(await stored()).toEqual(nothing);
  });

  it.each([
    'https://evil.test/',
    'https://dashboard.test.evil.test/',
    'https://dashboard.test@evil.test/',
    'https://user@dashboard.test/',
    'http://dashboard.test/',
    'https://dashboard.test:8443/',
    '//dashboard.test/',
    'javascript:alert(1)//dashboard.test',
    'data:text/html,x',
    'dashboard.test',
    `https://dashboard.test/${'a'.repeat(2100)}`,
  ])('refuses to return to %s', async (returnTo) => {
    const answer = await service.request(
      'GET',
      `/api/tenant-calendar/auth-url?returnTo=${encodeURIComponent(returnTo)}`,
      { key: acme.key },
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'returnTo' }] },
    });
  });

  it('says so when the owner denies', async () => {
    const page = await callback(await consent({ deny: true }));
    expect(page.status).toBe(400);
    expect(page.body).toContain('was not granted');
    expect(await stored()).toEqual(nothing);
  });

  it.each([
    ['calendar.events', 'view and edit events on all your calendars'],
    ['calendar.freebusy', 'view your availability in your calendars'],
    ['calendar.calendarlist.readonly', 'see the list of your calendars'],
  ])('names what is missing when the owner unticks %s, and gives the grant back', async (scope, words) => {
    const page = await callback(await consent({ untick: [scope] }));
    expect(page.status).toBe(400);
    expect(page.body).toContain(words);
    expect(await stored()).toEqual(nothing);
    expect(revocations()).toMatchObject([{ status: 200, accountEmail: email }]);
  });

  it('leaves the connection there is alone when the owner unticks a scope while connecting it again', async () => {
    await connectGoogle(service, acme, email);
    // Google grants what was granted before as well; the stand-in is asked to forget that.
    const url = new URL(await authUrl());
    url.searchParams.delete('include_granted_scopes');
    const back = await service.google.consent(url.href, { email, untick: ['calendar.freebusy'] });
    expect((await callback(back.replace(PUBLIC_URL, ''))).status).toBe(400);
    expect(revocations()).toEqual([]);
    expect(await status()).toMatchObject({ connected: true, email });
  });

  it.each<[string, (path: string) => string]>([
    ['no state', (path) => path.replace(/state=[^&]*/, '')],
    ['a state that is none', (path) => path.replace(/state=[^&]*/, 'state=abc')],
    [
      'a state of the right form that was never given out',
      (path) =>
        path.replace(
          /(state=[^&]{30})(.)/,
          (_, start: string, next: string) => start + (next === '_' ? '-' : '_'),
        ),
    ],
    ['two states', (path) => `${path}&state=x`],
    [
      'a state for a tenant that does not exist',
      (path) => path.replace(/state=[\w-]{22}/, 'state=AAAAAAAAAAAAAAAAAAAAAA'),
    ],
  ])('refuses %s', async (_, forge) => {
    const page = await callback(forge(await consent()));
    expect(page.status).toBe(400);
    expect(page.body).toContain('not valid, or was used before');
    expect(await stored()).toMatchObject({ connections: 0, tokens: 0 });
  });

  it('refuses another tenant’s name in front of a state', async () => {
    const other = await aTenant(service);
    const id = Buffer.from(other.id.replaceAll('-', ''), 'hex').toString('base64url');
    const page = await callback((await consent()).replace(/state=[\w-]{22}/, `state=${id}`));
    expect(page.status).toBe(400);
    const answer = await service.request('GET', '/api/tenant-calendar/status', { key: other.key });
    expect(answer.body).toMatchObject({ connected: false });
  });

  it('refuses a state that was used before, and leaves what it brought alone', async () => {
    const path = await consent();
    expect((await callback(path)).status).toBe(200);
    const again = await callback(path);
    expect(again.status).toBe(400);
    expect(again.body).toContain('used before');
    expect(await status()).toMatchObject({ connected: true, email });
    expect(exchanges()).toHaveLength(1);
  });

  it('lets one of two callbacks with the same state through', async () => {
    const path = await consent();
    const pages = await Promise.all([callback(path), callback(path)]);
    expect(pages.map((page) => page.status).sort()).toEqual([200, 400]);
  });

  it('refuses a state after ten minutes', async () => {
    const path = await consent();
    await service.database.query(`UPDATE oauth_state SET expires_at = expires_at - interval '10 minutes'`);
    const page = await callback(path);
    expect(page.status).toBe(400);
    expect(page.body).toContain('took too long');
    expect(await stored()).toEqual(nothing);
  });

  it('refuses a code that Google does not know or has seen before', async () => {
    const first = await consent();
    const second = await consent();
    const code = new URL(first, PUBLIC_URL).searchParams.get('code') ?? '';
    expect((await callback(first)).status).toBe(200);
    const page = await callback(second.replace(/code=[^&]*/, `code=${encodeURIComponent(code)}`));
    expect(page.status).toBe(400);
    expect(page.body).toContain('Google did not accept the sign-in');
  });

  it.each<[string, StandInFault]>([
    ['its token endpoint is down', { on: 'token', status: 503, times: 5 }],
    ['its token endpoint hangs', { on: 'token', hang: true }],
    ['the answer with the tokens is lost', { on: 'token', loseAnswer: true }],
    ['its calendar is down', { on: 'calendarList.get', status: 503, times: 20 }],
  ])('says so when Google cannot be reached: %s', async (_, fault) => {
    const path = await consent();
    service.google.fault({ ...fault, account: email });
    const page = await callback(path);
    expect(page.status).toBe(503);
    expect(page.headers['retry-after']).toBe('60');
    expect(page.body).toContain('Google cannot be reached');
    expect(await stored()).toEqual(nothing);
    expect(exchanges()).toHaveLength(1);
  });

  it('does not blame Google when it does not know this service', async () => {
    const path = await consent();
    service.google.fault({ on: 'token', account: email, status: 401, reason: 'invalid_client' });
    const page = await callback(path);
    expect(page.status).toBe(503);
    expect(page.body).toContain('could not be connected at the moment');
    expect(await stored()).toEqual(nothing);
  });

  it('refuses an account whose address Google has not confirmed', async () => {
    const unconfirmed = `unconfirmed${tenants}@acme.example`;
    service.google.addAccount({ email: unconfirmed, emailVerified: false });
    const page = await callback(await consent({ email: unconfirmed }));
    expect(page.status).toBe(400);
    expect(page.body).toContain('confirm');
    expect(await stored()).toEqual(nothing);
  });

  it('refuses a grant without lasting access', async () => {
    const url = new URL(await authUrl());
    url.searchParams.set('access_type', 'online');
    const back = await service.google.consent(url.href, { email });
    const page = await callback(back.replace(PUBLIC_URL, ''));
    expect(page.status).toBe(400);
    expect(page.body).toContain('lasting access');
    expect(await stored()).toEqual(nothing);
  });

  it('writes an address into its page as text', async () => {
    const odd = `o'neil&sons${tenants}@acme.example`;
    service.google.addAccount({ email: odd });
    const page = await callback(await consent({ email: odd }));
    expect(page.status).toBe(200);
    expect(page.body).toContain(`Calendar connected – o&#39;neil&amp;sons${tenants}@acme.example`);
    expect(page.body).not.toContain(odd);
  });

  it('is closed to agents, except for the callback', async () => {
    const { body } = await service.request<{ key: string }>(
      'POST',
      `/api/admin/tenants/${acme.id}/api-keys`,
      {
        key: service.settings.adminApiKey.reveal(),
        body: { name: 'agent', scopes: ['agent'] },
      },
    );
    for (const [method, path] of [
      ['GET', 'auth-url'],
      ['GET', 'status'],
      ['DELETE', 'disconnect'],
    ] as const) {
      const answer = await service.request(method, `/api/tenant-calendar/${path}`, { key: body.key });
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      expect((await service.request(method, `/api/tenant-calendar/${path}`)).status).toBe(401);
    }
  });
});
