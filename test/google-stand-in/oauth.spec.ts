import { createHash, randomBytes } from 'node:crypto';
import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import {
  allScopes,
  clientId,
  codeFor,
  connect,
  messageOf,
  oauthClient,
  owner,
  redirectUri,
  refusalOf,
  scopes,
  startStandIn,
} from './support.js';

describe('OAuth', () => {
  let standIn: GoogleStandIn;
  let now: number;

  beforeEach(async () => {
    now = Date.now();
    standIn = await startStandIn({ now: () => now, redirectUris: [redirectUri] });
    standIn.addAccount({ email: owner, name: 'Olga Owner' });
  });
  afterEach(() => standIn.stop());

  const exchange = async (answer: URLSearchParams, client = oauthClient(standIn)) =>
    (await client.getToken(String(answer.get('code')))).tokens;

  describe('the way through the consent page', () => {
    it('brings the state back unchanged, and tokens for what was granted', async () => {
      const client = oauthClient(standIn);
      const answer = await codeFor(standIn, client, { state: 'a b/ü+' });
      expect(answer.get('state')).toBe('a b/ü+');
      const tokens = await exchange(answer);
      expect(tokens.refresh_token).toMatch(/^1\/\//);
      expect(tokens.expiry_date).toBeGreaterThan(Date.now() + 3_000_000);
      expect(tokens.scope?.split(' ').sort()).toEqual(
        ['openid', 'https://www.googleapis.com/auth/userinfo.email', ...Object.values(scopes)].sort(),
      );
    });

    it('leaves out the scopes the person unticked', async () => {
      const client = oauthClient(standIn);
      const tokens = await exchange(await codeFor(standIn, client, {}, { untick: ['calendar.freebusy'] }));
      expect(tokens.scope).toContain(scopes.events);
      expect(tokens.scope).not.toContain(scopes.freebusy);
    });

    it('answers access_denied when the person denies', async () => {
      const answer = await codeFor(standIn, oauthClient(standIn), { state: 's1' }, { deny: true });
      expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual([
        'access_denied',
        's1',
        null,
      ]);
    });

    it('makes an account for an e-mail that has none', async () => {
      await codeFor(standIn, oauthClient(standIn), {}, { email: 'New@Salon.example' });
      expect(standIn.account('new@salon.example').calendar().id).toBe('new@salon.example');
    });

    it.each([
      [
        'a redirect address that differs by a slash',
        { redirect_uri: `${redirectUri}/` },
        '400: Access blocked Error 400: redirect_uri_mismatch',
      ],
      ['another client', { client_id: 'stranger' }, '401: Access blocked Error 401: invalid_client'],
      [
        'a scope that Google does not have',
        { scope: ['https://www.googleapis.com/auth/calendar.event'] },
        'invalid_scope',
      ],
      ['a response type other than code', { response_type: 'token' }, 'invalid_request'],
    ])('shows an error page for %s', async (_, question, expected) => {
      await expect(codeFor(standIn, oauthClient(standIn), question)).rejects.toThrow(expected);
    });

    it('merges earlier grants when asked to', async () => {
      const client = oauthClient(standIn);
      await codeFor(standIn, client, { scope: [scopes.events] });
      const merged = await codeFor(standIn, client, {
        scope: [scopes.freebusy],
        include_granted_scopes: true,
      });
      expect((await exchange(merged)).scope?.split(' ').sort()).toEqual(
        [scopes.events, scopes.freebusy].sort(),
      );
      const alone = await codeFor(standIn, client, { scope: [scopes.freebusy] });
      expect((await exchange(alone)).scope).toBe(scopes.freebusy);
    });
  });

  describe('codes', () => {
    it('work once, and a second use ends what the first brought', async () => {
      const client = oauthClient(standIn);
      const code = await codeFor(standIn, client);
      const { access_token } = await exchange(code);
      expect(await refusalOf(exchange(code))).toBe('400 invalid_grant');
      expect(await refusalOf(client.getTokenInfo(String(access_token)))).toBe('400 invalid_token');
    });

    it('die after ten minutes', async () => {
      const code = await codeFor(standIn, oauthClient(standIn));
      now += 10 * 60_000;
      expect(await refusalOf(exchange(code))).toBe('400 invalid_grant');
    });

    it('are bound to the redirect address', async () => {
      const code = await codeFor(standIn, oauthClient(standIn));
      const other = oauthClient(standIn, { redirectUri: 'http://127.0.0.1:5000/other' });
      expect(await refusalOf(exchange(code, other))).toBe('400 redirect_uri_mismatch');
    });

    it('need the verifier whose challenge was sent', async () => {
      const client = oauthClient(standIn);
      const codeVerifier = randomBytes(48).toString('base64url');
      const code_challenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const question = { code_challenge, code_challenge_method: 'S256' as never };
      const code = async () => String((await codeFor(standIn, client, question)).get('code'));
      expect(await refusalOf(client.getToken({ code: await code() }))).toBe('400 invalid_grant');
      expect(await refusalOf(client.getToken({ code: await code(), codeVerifier: 'wrong' }))).toBe(
        '400 invalid_grant',
      );
      expect(await refusalOf(client.getToken({ code: await code(), codeVerifier }))).toBe('not refused');
    });

    it('need the client secret', async () => {
      const code = await codeFor(standIn, oauthClient(standIn));
      const forger = oauthClient(standIn, { clientSecret: 'guessed' });
      expect(await refusalOf(exchange(code, forger))).toBe('401 invalid_client');
    });
  });

  describe('revoking', () => {
    it.each(['access_token', 'refresh_token'] as const)('the %s ends the whole grant', async (which) => {
      const { oauth, api } = await connect(standIn);
      const { refresh_token, access_token } = oauth.credentials;
      await oauth.revokeToken(String(oauth.credentials[which]));
      expect(await refusalOf(refresh(String(refresh_token)))).toBe('400 invalid_grant');
      expect(await refusalOf(api.calendarList.list({ auth: accessOnly(access_token) }))).toBe(
        '401 authError',
      );
    });

    it('of an unknown token answers invalid_token', async () => {
      expect(await refusalOf(oauthClient(standIn).revokeToken('never issued'))).toBe('400 invalid_token');
    });

    it('by the person in their Google account shows at the next refresh', async () => {
      const { oauth } = await connect(standIn);
      standIn.revokeGrant(owner);
      const refreshing = refresh(String(oauth.credentials.refresh_token));
      expect(await messageOf(refreshing)).toBe('Token has been expired or revoked.');
    });
  });

  describe('the id_token', () => {
    it('passes the real library’s verification and names the account', async () => {
      const client = oauthClient(standIn);
      const tokens = await exchange(await codeFor(standIn, client, { nonce: 'n-1' }));
      const ticket = await client.verifyIdToken({ idToken: String(tokens.id_token), audience: clientId });
      const { sub } = standIn.account(owner);
      expect(ticket.getPayload()).toMatchObject({ sub, email: owner, email_verified: true, nonce: 'n-1' });
    });

    it('does not pass for another audience', async () => {
      const client = oauthClient(standIn);
      const tokens = await exchange(await codeFor(standIn, client));
      const verifying = client.verifyIdToken({ idToken: String(tokens.id_token), audience: 'somebody else' });
      await expect(verifying).rejects.toThrow(/recipient/);
    });

    it('says when the e-mail is not verified', async () => {
      standIn.addAccount({ email: 'unverified@salon.example', emailVerified: false });
      const client = oauthClient(standIn);
      const tokens = await exchange(
        await codeFor(standIn, client, {}, { email: 'unverified@salon.example' }),
      );
      const ticket = await client.verifyIdToken({ idToken: String(tokens.id_token), audience: clientId });
      expect(ticket.getPayload()?.email_verified).toBe(false);
    });
  });

  describe('scopes', () => {
    it('are enforced for each operation as Google declares them', async () => {
      const { api } = await connect(standIn, { scope: ['openid', 'email', scopes.events] });
      const timeMin = '2026-06-01T00:00:00Z';
      const requestBody = { timeMin, timeMax: '2026-06-02T00:00:00Z', items: [{ id: 'primary' }] };
      expect(await refusalOf(api.events.list({ calendarId: 'primary' }))).toBe('not refused');
      expect(await refusalOf(api.freebusy.query({ requestBody }))).toBe('403 insufficientPermissions');
      expect(await refusalOf(api.calendarList.list({}))).toBe('403 insufficientPermissions');
    });

    it('are told by tokeninfo', async () => {
      const { oauth } = await connect(standIn);
      const info = await oauth.getTokenInfo(String(oauth.credentials.access_token));
      expect(info).toMatchObject({ aud: clientId, email: owner });
      expect(info.scopes).toHaveLength(allScopes.length);
    });
  });

  const accessOnly = (access_token: string | null | undefined) => {
    const client = oauthClient(standIn);
    client.setCredentials({ access_token });
    return client;
  };
  const refresh = (refresh_token: string) => {
    const client = oauthClient(standIn);
    client.setCredentials({ refresh_token });
    return client.getAccessToken();
  };
});
