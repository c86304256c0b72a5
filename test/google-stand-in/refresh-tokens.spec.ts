import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import {
  codeFor,
  connect,
  oauthClient,
  owner,
  redirectUri,
  refusalOf,
  scopes,
  startStandIn,
} from './support.js';

describe('refresh tokens', () => {
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

  it.each([
    ['come with the first consent', { prompt: undefined }, true],
    ['do not come for online access', { access_type: 'online' }, false],
  ])('%s', async (_, question, comes) => {
    const tokens = await exchange(await codeFor(standIn, oauthClient(standIn), question));
    expect(Boolean(tokens.refresh_token)).toBe(comes);
  });

  it('come a second time only with prompt=consent', async () => {
    const client = oauthClient(standIn);
    await codeFor(standIn, client);
    expect(
      (await exchange(await codeFor(standIn, client, { prompt: undefined }))).refresh_token,
    ).toBeUndefined();
    expect((await exchange(await codeFor(standIn, client))).refresh_token).toBeDefined();
  });

  it('come again when something new is asked for', async () => {
    const client = oauthClient(standIn);
    const ask = async (scope: string[]) =>
      exchange(await codeFor(standIn, client, { prompt: undefined, scope }));
    await ask([scopes.events]);
    expect((await ask([scopes.events])).refresh_token).toBeUndefined();
    expect((await ask([scopes.events, scopes.freebusy])).refresh_token).toBeDefined();
  });

  it('get new access tokens, and are not repeated in the answer', async () => {
    const { oauth, api } = await connect(standIn);
    standIn.expireAccessTokens(owner);
    expect(await refusalOf(api.calendarList.list({ auth: accessOnly(oauth.credentials.access_token) }))).toBe(
      '401 authError',
    );
    const told: unknown[] = [];
    oauth.on('tokens', (tokens) => told.push(tokens.refresh_token));
    oauth.setCredentials({ refresh_token: oauth.credentials.refresh_token });
    await expect(api.calendarList.list({})).resolves.toMatchObject({ status: 200 });
    expect(told).toEqual([undefined]);
  });

  it('change at each refresh when Google rotates them, and the old one dies', async () => {
    const { oauth, api } = await connect(standIn);
    standIn.rotateRefreshTokens(true);
    const first = String(oauth.credentials.refresh_token);
    const told: unknown[] = [];
    oauth.on('tokens', (tokens) => told.push(tokens.refresh_token));
    oauth.setCredentials({ refresh_token: first });
    await api.calendarList.list({});
    expect(told).toEqual([expect.stringMatching(/^1\/\//)]);
    expect(await refusalOf(refresh(first))).toBe('400 invalid_grant');
  });

  it('die silently when an account has a hundred newer ones', async () => {
    const client = oauthClient(standIn);
    const tokens: string[] = [];
    for (let count = 0; count < 101; count++) {
      const { refresh_token } = await exchange(await codeFor(standIn, client), client);
      tokens.push(String(refresh_token));
    }
    expect(await refusalOf(refresh(String(tokens[0])))).toBe('400 invalid_grant');
    expect(await refusalOf(refresh(String(tokens[1])))).toBe('not refused');
  });

  it('live as long as the setting says', async () => {
    standIn.accessTokenLifetimeSeconds = 10;
    const { api, oauth } = await connect(standIn);
    const auth = accessOnly(oauth.credentials.access_token);
    expect(await refusalOf(api.calendarList.list({ auth }))).toBe('not refused');
    now += 11_000;
    expect(await refusalOf(api.calendarList.list({ auth }))).toBe('401 authError');
  });
});
