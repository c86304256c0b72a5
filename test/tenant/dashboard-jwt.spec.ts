import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../src/platform/config/secret.js';
import { ADMIN_KEY } from '../support/test-settings.js';
import { makeTenant, startTenantApp, type TenantApp } from './tenant-app.js';

const SECRET = 'a secret that dashboards share with us';
const ISSUER = 'https://dashboard.example.com';
const AUDIENCE = 'receptionist-calendar';

let service: TenantApp;
let tenant: string;

const ask = (key: string, route = '/probe/dashboard') => service.request('GET', route, { key });

/** A good token, but for the changes. */
async function token(
  key: Uint8Array | CryptoKey,
  header: { alg: string; kid?: string },
  changes: JWTPayload = {},
): Promise<string> {
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-7',
    tenant_id: tenant,
    exp: inSeconds(60),
    ...changes,
  };
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a dashboard’s JWT, signed with the shared secret', () => {
  const secret = new TextEncoder().encode(SECRET);
  const signed = (changes: JWTPayload = {}) => token(secret, { alg: 'HS256' }, changes);

  beforeAll(async () => {
    service = await startTenantApp({
      dashboardJwt: { secret: new Secret(SECRET), jwksUrl: null, issuer: ISSUER, audience: AUDIENCE },
    });
    tenant = await makeTenant(service);
  });
  afterAll(() => service.close());

  it('opens the dashboard’s routes for its tenant', async () => {
    expect(await ask(await signed())).toMatchObject({
      status: 200,
      body: { tenant, scopes: ['dashboard'], credential: { kind: 'dashboard-jwt', subject: 'user-7' } },
    });
    expect((await ask(await signed(), '/probe/either')).status).toBe(200);
    expect((await ask(await signed({ sub: undefined }))).body).toMatchObject({
      credential: { subject: null },
    });
    expect((await ask(await signed({ aud: ['other', AUDIENCE] }))).status).toBe(200);
  });

  it('opens neither the agent’s routes nor the admin’s', async () => {
    for (const route of ['/probe/agent', '/api/admin/tenants']) {
      expect(await ask(await signed({ scope: 'agent admin' }), route)).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
    }
  });

  it.each<[string, () => JWTPayload]>([
    ['of another issuer', () => ({ iss: 'https://evil.example.com' })],
    ['of no issuer', () => ({ iss: undefined })],
    ['for another audience', () => ({ aud: 'another-service' })],
    ['for no audience', () => ({ aud: undefined })],
    ['that has expired', () => ({ exp: inSeconds(-10) })],
    ['that never expires', () => ({ exp: undefined })],
    ['that is not valid yet', () => ({ nbf: inSeconds(60) })],
    ['without a tenant', () => ({ tenant_id: undefined })],
    ['of a tenant that does not exist', () => ({ tenant_id: '00000000-0000-4000-8000-000000000000' })],
    ['of a tenant that is no id', () => ({ tenant_id: "' OR true --" })],
    ['of a list of tenants', () => ({ tenant_id: [tenant] })],
  ])('is refused when it is one %s', async (_what, changes) => {
    expect(await ask(await signed(changes()))).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  it('may be a few seconds late, since clocks differ', async () => {
    expect((await ask(await signed({ exp: inSeconds(-2) }))).status).toBe(200);
  });

  it('is refused with a signature that is not ours', async () => {
    const good = await signed();
    const [header, payload, signature] = good.split('.');
    const forged = base64url({ iss: ISSUER, aud: AUDIENCE, tenant_id: tenant, exp: inSeconds(600) });
    const otherSecret = new TextEncoder().encode('a secret that dashboards share with others');
    for (const wrong of [
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature?.split('').reverse().join('')}`,
      await token(otherSecret, { alg: 'HS256' }),
    ]) {
      expect((await ask(wrong)).status).toBe(401);
    }
  });

  it('is refused with any algorithm but the one agreed on', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const [, payload] = (await signed()).split('.');
    const none = base64url({ alg: 'none' });
    for (const wrong of [
      `${none}.${payload}.`,
      `${none}.${payload}.AAAA`,
      await token(secret, { alg: 'HS512' }),
      await token(privateKey, { alg: 'RS256' }),
    ]) {
      expect((await ask(wrong)).status).toBe(401);
    }
  });

  it('no longer works once its tenant is deleted', async () => {
    const gone = await makeTenant(service, 'Gone');
    const jwt = await signed({ tenant_id: gone });
    expect((await ask(jwt)).status).toBe(200);
    await service.request('DELETE', `/api/admin/tenants/${gone}`, { key: ADMIN_KEY });
    expect((await ask(jwt)).status).toBe(401);
  });
});

describe('a dashboard’s JWT, signed with a key that the dashboard publishes', () => {
  let keys: KeyServer;
  let privateKey: CryptoKey;
  let publicJwk: JWK;

  beforeEach(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    privateKey = pair.privateKey;
    publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'first', alg: 'RS256', use: 'sig' };
    keys = await KeyServer.start([publicJwk]);
    service = await startTenantApp({
      dashboardJwt: { secret: null, jwksUrl: keys.url, issuer: ISSUER, audience: AUDIENCE },
    });
    tenant = await makeTenant(service);
  });
  afterEach(async () => {
    await service.close();
    await keys.stop();
  });

  it('opens the dashboard’s routes, and the keys are fetched once', async () => {
    for (let n = 0; n < 5; n += 1) {
      expect((await ask(await token(privateKey, { alg: 'RS256', kid: 'first' }))).status).toBe(200);
    }
    expect(keys.fetched).toBe(1);
  });

  it.each(['ES256', 'EdDSA', 'PS256'])('works with %s as well', async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    keys.published = [{ ...(await exportJWK(pair.publicKey)), kid: 'other', alg }];
    expect((await ask(await token(pair.privateKey, { alg, kid: 'other' }))).status).toBe(200);
  });

  it('cannot be made from what is public: the key as a shared secret, no signature, an unknown key', async () => {
    const stranger = await generateKeyPair('RS256');
    const [, payload] = (await token(privateKey, { alg: 'RS256', kid: 'first' })).split('.');
    const header = base64url({ alg: 'HS256', kid: 'first' });
    const secrets = [
      JSON.stringify(publicJwk),
      publicJwk.n ?? '',
      Buffer.from(publicJwk.n ?? '', 'base64url'),
    ];
    for (const wrong of [
      ...secrets.map(
        (secret) =>
          `${header}.${payload}.${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`,
      ),
      `${base64url({ alg: 'none' })}.${payload}.`,
      await token(stranger.privateKey, { alg: 'RS256', kid: 'first' }),
      await token(stranger.privateKey, { alg: 'RS256', kid: 'unknown' }),
      await new SignJWT({ iss: ISSUER, aud: AUDIENCE, tenant_id: tenant, exp: inSeconds(60) })
        .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(stranger.publicKey), jku: keys.url })
        .sign(stranger.privateKey),
    ]) {
      expect(await ask(wrong)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    }
  });

  it('cannot use a published secret: only signatures count', async () => {
    const secret = Buffer.from('published by mistake, 32 bytes long at least');
    keys.published = [{ kty: 'oct', k: secret.toString('base64url'), kid: 'oct', alg: 'HS256' }];
    expect((await ask(await token(secret, { alg: 'HS256', kid: 'oct' }))).status).toBe(401);
  });

  it('is answered with "unavailable", not "unauthenticated", while the keys cannot be fetched', async () => {
    const jwt = await token(privateKey, { alg: 'RS256', kid: 'first' });
    keys.failing = true;
    const answer = await ask(jwt);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers['retry-after']).toBe('5');
    keys.failing = false;
    expect((await ask(jwt)).status).toBe(200);
    keys.failing = true;
    expect((await ask(jwt)).status).toBe(200);
  });

  it('has nothing to do with keys: they work while the published keys cannot be fetched', async () => {
    keys.failing = true;
    expect((await service.request('GET', '/api/admin/tenants', { key: ADMIN_KEY })).status).toBe(200);
    expect((await ask('a-key-of-another-kind')).status).toBe(401);
  });
});

describe('a JWT where no dashboard’s are accepted', () => {
  it('is refused', async () => {
    service = await startTenantApp();
    tenant = await makeTenant(service);
    try {
      for (const secret of [SECRET, 'undefined', 'null']) {
        expect((await ask(await token(new TextEncoder().encode(secret), { alg: 'HS256' }))).status).toBe(401);
      }
    } finally {
      await service.close();
    }
  });
});

/** Publishes keys as an identity provider does. */
class KeyServer {
  fetched = 0;
  failing = false;

  private constructor(
    private readonly server: Server,
    public published: JWK[],
  ) {}

  static async start(published: JWK[]): Promise<KeyServer> {
    const server = createServer((_request, response) => {
      keys.fetched += 1;
      if (keys.failing) response.writeHead(500).end();
      else
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: keys.published }));
    });
    const keys = new KeyServer(server, published);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return keys;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/.well-known/jwks.json`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
