import { GOOGLE_TOKENS } from '../../src/calendar/encrypted-token.repository.js';
import { AccessTokens } from '../../src/calendar/access-tokens.js';
import { rotateKeys } from '../../src/platform/encryption/key-rotation.js';
import { TokenCipher, TokenCipherError } from '../../src/platform/encryption/token-cipher.js';
import { TokenRepository } from '../../src/calendar/token.repository.js';
import { createApp } from '../../src/create-app.js';
import {
  AgentConnectionRepository,
  CONNECTION_SECRETS,
} from '../../src/tenant/agent-connection.repository.js';
import { Secret } from '../../src/platform/config/secret.js';
import type { EncryptionKey } from '../../src/platform/config/settings.js';
import { Database } from '../../src/platform/database/database.js';
import { Deadline } from '../../src/platform/deadline.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { testSettings } from '../support/test-settings.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';

const key = (id: string, fill: number): EncryptionKey => ({
  id,
  key: new Secret(Buffer.alloc(32, fill).toString('base64')),
});
const OLD = key('k1', 1);
const NEW = key('k2', 2);

describe('rotating the encryption keys', () => {
  let service: TestApp;
  let owners: ConnectedTenant[];

  beforeEach(async () => {
    service = await startTestApp({ tokenEncryptionKeys: [OLD] });
    owners = [];
    for (let count = 0; count < 3; count += 1) owners.push(await aConnectedTenant(service));
  });
  afterEach(() => service.close());

  const settingsWith = (tokenEncryptionKeys: EncryptionKey[]) =>
    testSettings(service.database, service.google.origin, { tokenEncryptionKeys });
  const cipherOf = (...keys: EncryptionKey[]) => new TokenCipher(settingsWith(keys));
  const rotate = (...keys: EncryptionKey[]) =>
    rotateKeys(service.app.get(Database), cipherOf(...keys), GOOGLE_TOKENS);
  const refOf = async ({ tenant }: ConnectedTenant) => {
    const [row] = await service.database.query<{ id: string }>(
      `SELECT id FROM calendar_connection WHERE tenant_id = $1`,
      [tenant],
    );
    return { tenant, connectionId: row?.id ?? '' };
  };
  const keyIds = async () =>
    (await service.database.query<{ key_id: string }>(`SELECT key_id FROM tenant_google_token`)).map(
      (row) => row.key_id,
    );

  it('brings every row under the first key, after which the old one is not needed', async () => {
    const before = await Promise.all(
      owners.map(async (owner) => service.app.get(TokenRepository).find(await refOf(owner))),
    );
    expect(await rotate(NEW, OLD)).toEqual({ rotated: 3, changed: 0, unreadable: [] });
    expect(await keyIds()).toEqual(['k2', 'k2', 'k2']);
    expect(await rotate(NEW, OLD)).toEqual({ rotated: 0, changed: 0, unreadable: [] });

    const withNewKeyOnly = await createApp(settingsWith([NEW]));
    try {
      const tokens = withNewKeyOnly.get(TokenRepository);
      const after = await Promise.all(owners.map(async (owner) => tokens.find(await refOf(owner))));
      expect(after.map((found) => found?.refreshToken.reveal())).toEqual(
        before.map((found) => found?.refreshToken.reveal()),
      );
    } finally {
      await withNewKeyOnly.close();
    }
  });

  it('brings every secret of a voice platform under it, also the one before and that of webhooks', async () => {
    const key = owners[0]?.key;
    const path = '/api/agent-connections';
    const wish = {
      platform: 'elevenlabs',
      name: 'x',
      secret: 'first-secret-0123456789abcdefghij',
      webhookSecret: 'of-webhooks',
    };
    const made = await service.request<{ id: string }>('POST', path, { key, body: wish });
    await service.request('POST', `${path}/${made.body.id}/rotate`, {
      key,
      body: { secret: 'second-secret-0123456789abcdefghi' },
    });
    const cipher = cipherOf(NEW, OLD);
    expect(await rotateKeys(service.app.get(Database), cipher, CONNECTION_SECRETS)).toMatchObject({
      rotated: 1,
      unreadable: [],
    });
    const withNewKeyOnly = await createApp(settingsWith([NEW]));
    try {
      const opened = await withNewKeyOnly.get(AgentConnectionRepository).open(made.body.id);
      expect(opened?.secrets.map((secret) => secret.reveal())).toEqual([
        'second-secret-0123456789abcdefghi',
        'first-secret-0123456789abcdefghij',
      ]);
      expect(opened?.webhookSecret?.reveal()).toBe('of-webhooks');
    } finally {
      await withNewKeyOnly.close();
    }
  });

  it('loses nothing that is refreshed at the same time', async () => {
    const running = await createApp(settingsWith([NEW, OLD]));
    try {
      service.google.rotateRefreshTokens(true);
      await service.database.query(
        `UPDATE tenant_google_token SET access_expires_at = now() - interval '1 minute'`,
      );
      service.google.fault({ on: 'token', delayMs: 150, times: 3 });
      const refs = await Promise.all(owners.map(refOf));
      const refreshing = refs.map((ref) => running.get(AccessTokens).for(ref, Deadline.in(5000)));
      for (let round = 0; round < 10; round += 1) {
        await rotate(NEW, OLD);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const refreshed = await Promise.all(refreshing);
      expect(await keyIds()).toEqual(['k2', 'k2', 'k2']);
      for (const [index, ref] of refs.entries()) {
        const stored = await running.get(TokenRepository).find(ref);
        expect(stored?.accessToken.reveal()).toBe(refreshed[index]?.token.reveal());
        expect(stored?.accessExpiresAt.getTime()).toBeGreaterThan(Date.now());
      }
    } finally {
      await running.close();
    }
  });

  it('does not overwrite what was stored between reading a row and replacing it', async () => {
    const database = service.app.get(Database);
    const ref = await refOf(owners[0]!);
    await service.database.query(`DELETE FROM tenant_google_token WHERE tenant_id <> $1`, [ref.tenant]);
    const newer = {
      accessToken: new Secret('ya29.newer'),
      refreshToken: new Secret('1//newer'),
      accessExpiresAt: new Date(Date.now() + 3_600_000),
    };
    let calls = 0;
    const inSystem: Database['inSystem'] = async (work) => {
      calls += 1;
      if (calls === 2) {
        await database.inTenant(ref.tenant, (sql) => service.app.get(TokenRepository).save(sql, ref, newer));
      }
      return database.inSystem(work);
    };
    const counts = await rotateKeys({ inSystem }, cipherOf(NEW, OLD), GOOGLE_TOKENS);
    expect(counts).toEqual({ rotated: 0, changed: 1, unreadable: [] });
    const stored = await service.app.get(TokenRepository).find(ref);
    expect(stored?.refreshToken.reveal()).toBe('1//newer');
  });

  it('names the rows that no key opens, and rotates the others', async () => {
    const broken = await refOf(owners[0]!);
    await service.database.query(
      `UPDATE tenant_google_token SET refresh_token = 'v1.k0.AAAAAAAAAAAAAAAA.AAAA', key_id = 'k0' WHERE tenant_id = $1`,
      [broken.tenant],
    );
    expect(await rotate(NEW, OLD)).toEqual({
      rotated: 2,
      changed: 0,
      unreadable: [{ tenantId: broken.tenant, connectionId: broken.connectionId, problem: 'unknown_key' }],
    });
  });

  it('never opens a row that was copied to another tenant', async () => {
    const [first, second] = await Promise.all(owners.slice(0, 2).map(refOf));
    await service.database.query(
      `UPDATE tenant_google_token t SET access_token = s.access_token, refresh_token = s.refresh_token
       FROM tenant_google_token s WHERE t.tenant_id = $1 AND s.tenant_id = $2`,
      [second?.tenant, first?.tenant],
    );
    await expect(service.app.get(TokenRepository).find(second!)).rejects.toThrow(TokenCipherError);
    const { unreadable } = await rotate(NEW, OLD);
    expect(unreadable).toEqual([
      { tenantId: second?.tenant, connectionId: second?.connectionId, problem: 'tampered' },
    ]);
  });

  it('never opens an access token in the place of the refresh token', async () => {
    const ref = await refOf(owners[0]!);
    await service.database.query(
      `UPDATE tenant_google_token SET refresh_token = access_token WHERE tenant_id = $1`,
      [ref.tenant],
    );
    await expect(service.app.get(TokenRepository).find(ref)).rejects.toThrow(TokenCipherError);
  });

  it('can be disconnected although its tokens cannot be opened', async () => {
    const [owner] = owners;
    await service.database.query(
      `UPDATE tenant_google_token SET refresh_token = 'gone', access_token = 'gone'`,
    );
    const answer = await service.request('DELETE', '/api/tenant-calendar/disconnect', { key: owner?.key });
    expect(answer.status).toBe(204);
  });
});
