import {
  aTenant,
  connectGoogle,
  ownersBrowser,
  startTestApp,
  type TestApp,
  type TestTenant,
} from '../support/test-app.js';
import { PUBLIC_URL } from '../support/test-settings.js';
import type { ConsentChoice, StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import type { OwnersBrowser } from '../../src/local/google-stand-in/owners-browser.js';

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
    browser = ownersBrowser(service);
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
  let browser: OwnersBrowser;
  /** Where Google sends the owner's browser back to. */
  const consent = async (choice: Partial<ConsentChoice> = {}, returnTo?: string) =>
    browser.consent(await authUrl(returnTo), { email, ...choice });
  /** The page that asks, or the end. */
  const callback = (back: string) => browser.open(back);
  const status = async () =>
    (await service.request('GET', '/api/tenant-calendar/status', { key: acme.key })).body;
  const stored = async () => {
    const [counts] = await service.database.query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM calendar_connection WHERE tenant_id = $1) AS connections,
         (SELECT count(*)::int FROM tenant_google_token WHERE tenant_id = $1) AS tokens,
         (SELECT count(*)::int FROM calendar WHERE tenant_id = $1) AS calendars,
         (SELECT count(*)::int FROM oauth_state WHERE tenant_id = $1 AND kept IS NOT NULL) AS kept`,
      [acme.id],
    );
    return counts;
  };
  const nothing = { connections: 0, tokens: 0, calendars: 0, kept: 0 };
  /** Of codes for tokens; calendars that are connected already have theirs refreshed now and then. */
  const exchanges = () =>
    service.google.requests.filter(
      ({ operation, body }) =>
        operation === 'token' && (body as Record<string, string>)['grant_type'] === 'authorization_code',
    );
  const revocations = () => service.google.requests.filter(({ operation }) => operation === 'revoke');

  it('sends the owner to a consent page that asks for what is needed and no more', async () => {
    const start = new URL(await authUrl());
    expect(start.origin + start.pathname).toBe(`${PUBLIC_URL}/api/tenant-calendar/start`);
    const { origin, pathname, searchParams } = new URL(await browser.start(start.href));
    expect(origin + pathname).toBe(`${service.google.origin}/o/oauth2/v2/auth`);
    // Those who look at the address that they are given find there what Google is asked.
    expect(Object.fromEntries(start.searchParams)).toEqual(Object.fromEntries(searchParams));
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
    const answer = await browser.finish(await consent({}, RETURN_TO));
    expect(answer).toMatchObject({
      status: 303,
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
    const url = new URL(await browser.start(await authUrl()));
    url.searchParams.delete('include_granted_scopes');
    const back = await service.google.consent(url.href, { email, untick: ['calendar.freebusy'] });
    expect((await callback(back)).status).toBe(400);
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

  it('says how it ended as often as the page is loaded, and uses the code once', async () => {
    const back = await consent();
    expect((await callback(back)).body).toContain(`Connect ${email} to`);
    // Reloaded, the question is asked again, and after that it says how it ended. The code is used once.
    expect((await callback(back)).body).toContain(`Connect ${email} to`);
    expect((await browser.finish(back)).body).toContain(`Calendar connected – ${email}`);
    for (let reloaded = 0; reloaded < 2; reloaded++) {
      expect(await browser.finish(back)).toMatchObject({
        status: 200,
        body: expect.stringContaining(`Calendar connected – ${email}`) as string,
      });
    }
    expect(await status()).toMatchObject({ connected: true, email });
    expect(exchanges()).toHaveLength(1);
  });

  it('lets one of two callbacks with the same state through', async () => {
    const path = await consent();
    const pages = await Promise.all([callback(path), callback(path)]);
    expect(pages.map((page) => page.status).sort()).toEqual([200, 400]);
    expect(exchanges()).toHaveLength(1);
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
    expect((await browser.finish(first)).status).toBe(200);
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
    const url = new URL(await browser.start(await authUrl()));
    url.searchParams.set('access_type', 'online');
    const page = await callback(await service.google.consent(url.href, { email }));
    expect(page.status).toBe(400);
    expect(page.body).toContain('lasting access');
    expect(await stored()).toEqual(nothing);
  });

  it('writes an address into its page as text', async () => {
    const odd = `o'neil&sons${tenants}@acme.example`;
    service.google.addAccount({ email: odd });
    const page = await browser.finish(await consent({ email: odd }));
    expect(page.status).toBe(200);
    expect(page.body).toContain(`Calendar connected – o&#39;neil&amp;sons${tenants}@acme.example`);
    expect(page.body).not.toContain(odd);
  });

  describe('asks before anything is stored', () => {
    it('whether this account is to be connected to this organisation', async () => {
      const named = await aTenant(service, { name: 'Löwen & <b>Sons</b>' });
      acme = named;
      const page = await callback(await consent());
      expect(page.status).toBe(200);
      expect(page.body).toContain(`Connect ${email} to Löwen &amp; &lt;b&gt;Sons&lt;/b&gt;?`);
      expect(await status()).toMatchObject({ connected: false });
      expect(await stored()).toEqual({ ...nothing, kept: 1 });
    });

    it('and keeps what Google granted encrypted meanwhile', async () => {
      await callback(await consent());
      const [row] = await service.database.query<{ all: string; kept: string }>(
        `SELECT row_to_json(s)::text AS all, kept FROM oauth_state s WHERE tenant_id = $1`,
        [acme.id],
      );
      expect(row?.kept).toMatch(/^v1\.k1\./);
      expect(row?.all).not.toContain(email);
    });

    it('and gives it back when the owner does not want that', async () => {
      const back = await consent();
      const page = await browser.press('decline', await callback(back), back);
      expect(page.status).toBe(400);
      expect(page.body).toContain('as you chose');
      expect(await stored()).toEqual(nothing);
      expect(revocations()).toMatchObject([{ status: 200, accountEmail: email }]);
      expect((await callback(back)).status).toBe(400);
    });

    it('and gives it back when nobody answers', async () => {
      await callback(await consent());
      const [job] = await service.database.query<{ name: string; minutes: number }>(
        `SELECT name, round(extract(epoch FROM start_after - now()) / 60)::int AS minutes
         FROM pgboss.job WHERE name = 'calendar-revoke' AND data->>'tenant' = $1`,
        [acme.id],
      );
      expect(job).toEqual({ name: 'calendar-revoke', minutes: 15 });
    });

    it('and takes no answer after ten minutes', async () => {
      const back = await consent();
      const page = await callback(back);
      await service.database.query(`UPDATE oauth_state SET expires_at = now() WHERE tenant_id = $1`, [
        acme.id,
      ]);
      expect((await browser.press('connect', page, back)).body).toContain('took too long');
      expect(await status()).toMatchObject({ connected: false });
    });

    it('and lets its form go to the service and back to the dashboard only', async () => {
      const policy = async (returnTo?: string) =>
        (await callback(await consent({}, returnTo))).headers['content-security-policy'];
      expect(await policy()).toContain("form-action 'self';");
      expect(await policy(RETURN_TO)).toContain("form-action 'self' https://dashboard.test;");
    });

    it('and connects once, however often the button is pressed', async () => {
      const back = await consent();
      const page = await callback(back);
      const pages = await Promise.all([1, 2, 3].map(() => browser.press('connect', page, back)));
      expect(pages.map(({ status: each }) => each)).toContain(200);
      expect(await stored()).toMatchObject({ connections: 1, tokens: 1 });
    });
  });

  describe('belongs to the browser that began', () => {
    const OTHER = 'another browser';

    it('so that a callback elsewhere is refused, and still works where it belongs', async () => {
      const back = await consent();
      const elsewhere = await ownersBrowser(service).open(back);
      expect(elsewhere).toMatchObject({ status: 400, body: expect.stringContaining(OTHER) as string });
      const another = ownersBrowser(service);
      await another.start(await authUrl());
      expect((await another.open(back)).body).toContain(OTHER);
      expect(exchanges()).toHaveLength(0);
      expect((await browser.finish(back)).body).toContain('Calendar connected');
    });

    it('so that an answer from elsewhere is refused', async () => {
      const back = await consent();
      const page = await callback(back);
      expect((await ownersBrowser(service).press('connect', page, back)).body).toContain(OTHER);
      expect(await status()).toMatchObject({ connected: false });
    });

    it('so that no other site’s form answers', async () => {
      const url = await authUrl();
      const started = await service.request('GET', url.replace(PUBLIC_URL, ''));
      const cookie = String(started.headers['set-cookie']).split(';')[0]!;
      const back = await service.google.consent(String(started.headers['location']), { email });
      await service.request('GET', back.replace(PUBLIC_URL, ''), { headers: { cookie } });
      const state = new URL(url).searchParams.get('state') ?? '';
      const answer = await service.request<string>('POST', '/api/tenant-calendar/confirm', {
        headers: {
          cookie,
          'sec-fetch-site': 'same-site',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ state, answer: 'connect' }).toString(),
      });
      expect(answer.body).toContain(OTHER);
      expect(await status()).toMatchObject({ connected: false });
    });

    it('by a cookie that no script reads and no other site’s form comes with', async () => {
      const { headers } = await service.request('GET', (await authUrl()).replace(PUBLIC_URL, ''));
      expect(headers['set-cookie']).toMatch(
        /^connecting=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/,
      );
    });

    it('which on https only this host can set', async () => {
      const redirectUri = 'https://calendar.test/api/tenant-calendar/callback';
      const secured = await startTestApp({ google: { redirectUri } });
      const { key } = await aTenant(secured);
      const { body } = await secured.request<{ authUrl: string }>('GET', '/api/tenant-calendar/auth-url', {
        key,
      });
      expect(body.authUrl).toMatch(/^https:\/\/calendar\.test\/api\/tenant-calendar\/start\?/);
      const { headers } = await secured.request('GET', body.authUrl.replace('https://calendar.test', ''));
      expect(headers['set-cookie']).toMatch(/^__Host-connecting=[\w-]{43}; Path=\/; .*; Secure$/);
      await secured.close();
    });

    it('which a program that only looks at the link is not', async () => {
      const url = await authUrl();
      await service.app.inject({ method: 'HEAD', url: url.replace(PUBLIC_URL, '') });
      const [row] = await service.database.query<{ bound: boolean }>(
        `SELECT browser_hash IS NOT NULL AS bound FROM oauth_state WHERE tenant_id = $1`,
        [acme.id],
      );
      expect(row).toEqual({ bound: false });
    });

    it('which may connect two organisations side by side', async () => {
      const first = await consent();
      const neighbour = await aTenant(service);
      const mine = acme;
      acme = neighbour;
      const second = await consent();
      acme = mine;
      expect((await browser.finish(first)).body).toContain('Calendar connected');
      expect((await browser.finish(second)).body).toContain('Calendar connected');
    });
  });

  describe('can be tried again after a refusal', () => {
    /** Follows the link of the page, as a person would. */
    const tryAgain = async (page: { body: string }, back: string) => {
      const [, link] = /<a class="button main" href="([^"]+)">Try again/.exec(page.body) ?? [];
      return browser.consent(new URL(link ?? '', back).href, { email });
    };

    it.each<[string, Partial<ConsentChoice>]>([
      ['the owner denied', { deny: true }],
      ['the owner unticked something', { untick: ['calendar.events'] }],
    ])('where %s', async (_, choice) => {
      const back = await consent(choice);
      const again = await tryAgain(await callback(back), back);
      expect(new URL(again).searchParams.get('state')).not.toBe(new URL(back).searchParams.get('state'));
      expect((await browser.finish(again)).body).toContain(`Calendar connected – ${email}`);
    });

    it('where Google was down', async () => {
      const back = await consent();
      service.google.fault({ on: 'token', account: email, status: 503, times: 5 });
      const page = await callback(back);
      service.google.clearFaults();
      expect((await browser.finish(await tryAgain(page, back))).body).toContain('Calendar connected');
    });

    it('where it took too long', async () => {
      const back = await consent();
      await service.database.query(`UPDATE oauth_state SET expires_at = now() WHERE tenant_id = $1`, [
        acme.id,
      ]);
      expect((await browser.finish(await tryAgain(await callback(back), back))).body).toContain(
        'Calendar connected',
      );
    });

    it('where the owner declined, and in no other browser', async () => {
      const back = await consent();
      const page = await browser.press('decline', await callback(back), back);
      await expect(
        ownersBrowser(service).start(new URL(`start${new URL(back).search}`, back).href),
      ).rejects.toThrow('not valid');
      expect((await browser.finish(await tryAgain(page, back))).body).toContain('Calendar connected');
    });

    it('from the dashboard, where nothing else is known', async () => {
      const page = await callback(`${PUBLIC_URL}/api/tenant-calendar/callback?state=abc&code=x`);
      expect(page.body).toContain(
        '<a class="button main" href="https://dashboard.test">Back to the dashboard',
      );
    });
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
