import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calendar } from 'googleapis/build/src/apis/calendar/index.js';
import { at, clientId, connect, oauthClient, owner, startStandIn } from './support.js';

describe('the state file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps accounts, events, tombstones, tokens, channels and the signing key over a restart', async () => {
    const stateFile = join(folder, 'deeper', 'google.json');
    const first = await startStandIn({ stateFile });
    const { sub } = first.addAccount({ email: owner, name: 'Olga', timeZone: 'Europe/Berlin' });
    const { oauth, api } = await connect(first);
    const requestBody = { id: 'booking1', ...at('2026-06-01T10:00:00Z'), summary: 'Cut' };
    const inserted = await api.events.insert({ calendarId: 'primary', requestBody });
    first
      .account(owner)
      .calendar()
      .addEvent({ id: 'gone1', ...at('2026-06-01T10:00:00Z') });
    first.account(owner).calendar().deleteEvent('gone1');
    const { nextSyncToken } = (await api.events.list({ calendarId: 'primary' })).data;
    const address = `${first.origin}/nowhere`;
    const channel = { id: 'channel-1', type: 'web_hook', address };
    const { resourceId } = (await api.events.watch({ calendarId: 'primary', requestBody: channel })).data;
    await first.stop();

    const second = await startStandIn({ stateFile });
    const client = oauthClient(second);
    client.setCredentials({ access_token: oauth.credentials.access_token });
    const again = calendar({ version: 'v3', auth: client, rootUrl: second.origin });
    expect(second.addAccount({ email: owner }).sub).toBe(sub);
    const { etag } = (await again.events.get({ calendarId: 'primary', eventId: 'booking1' })).data;
    expect(etag).toBe(inserted.data.etag);
    expect((await again.events.get({ calendarId: 'primary', eventId: 'gone1' })).data.status).toBe(
      'cancelled',
    );
    const { items } = (await again.events.list({ calendarId: 'primary', syncToken: String(nextSyncToken) }))
      .data;
    expect(items).toEqual([]);
    await again.channels.stop({ requestBody: { id: 'channel-1', resourceId } });
    const idToken = String(oauth.credentials.id_token);
    expect((await client.verifyIdToken({ idToken, audience: clientId })).getUserId()).toBe(sub);
    client.setCredentials({ refresh_token: oauth.credentials.refresh_token });
    await expect(client.getAccessToken()).resolves.toMatchObject({ token: expect.any(String) as unknown });
    await second.stop();
  });

  it('holds what was answered before the answer is sent', async () => {
    const stateFile = join(folder, 'google.json');
    const standIn = await startStandIn({ stateFile });
    const { api } = await connect(standIn);
    const ids = Array.from({ length: 40 }, (_, index) => `booking${index}`);
    await Promise.all(
      ids.map(async (id) => {
        await api.events.insert({
          calendarId: 'primary',
          requestBody: { id, ...at('2026-06-01T10:00:00Z') },
        });
        expect(await readFile(stateFile, 'utf8')).toContain(`"${id}"`);
      }),
    );
    await standIn.stop();
  });

  it('is readable by its owner only', async () => {
    const stateFile = join(folder, 'google.json');
    const standIn = await startStandIn({ stateFile });
    standIn.addAccount({ email: owner });
    await standIn.stop();
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
  });
});
