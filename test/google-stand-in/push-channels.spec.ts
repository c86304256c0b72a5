import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GoogleStandIn, StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('push channels', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  let calendar: StandInCalendar;
  let receiver: Server;
  let address: string;
  let received: IncomingHttpHeaders[];
  let answers: number[];
  let now: number;

  beforeEach(async () => {
    now = Date.now();
    received = [];
    answers = [];
    receiver = createServer((request, response) => {
      received.push(request.headers);
      response.writeHead(answers.shift() ?? 204).end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhook`;
    standIn = await startStandIn({ now: () => now });
    calendar = standIn.addAccount({ email: owner }).calendar();
    ({ api } = await connect(standIn));
  });
  afterEach(async () => {
    await standIn.stop();
    receiver.closeAllConnections();
    receiver.close();
  });

  const watch = async (channel: object = {}) => {
    const requestBody = { id: 'channel-1', type: 'web_hook', address, token: 'tenant-7', ...channel };
    const { data } = await api.events.watch({ calendarId: owner, requestBody });
    await standIn.pushes.settled();
    return data;
  };
  const states = () => received.map((headers) => headers['x-goog-resource-state']);
  const numbers = () => received.map((headers) => Number(headers['x-goog-message-number']));

  it('begin with a sync message that tells all about the channel', async () => {
    const channel = await watch();
    expect(channel).toMatchObject({ kind: 'api#channel', id: 'channel-1', token: 'tenant-7' });
    expect(Number(channel.expiration)).toBeGreaterThan(now + 6 * 86_400_000);
    expect(received).toEqual([
      expect.objectContaining({
        'x-goog-channel-id': 'channel-1',
        'x-goog-channel-token': 'tenant-7',
        'x-goog-message-number': '1',
        'x-goog-resource-id': channel.resourceId,
        'x-goog-resource-uri': channel.resourceUri,
        'x-goog-resource-state': 'sync',
        'x-goog-channel-expiration': new Date(Number(channel.expiration)).toUTCString(),
        'content-length': '0',
      }),
    ]);
  });

  it('may deliver the sync message before the watch is answered', async () => {
    standIn.pushes.syncBeforeAnswer = true;
    const requestBody = { id: 'channel-1', type: 'web_hook', address };
    const answered = api.events.watch({ calendarId: owner, requestBody }).then(() => received.length);
    expect(await answered).toBe(1);
  });

  it('tell of every change, by whomever, with growing numbers', async () => {
    await watch();
    const { id } = calendar.addEvent(at('2026-06-01T10:00:00Z'));
    await standIn.pushes.settled();
    await api.events.patch({ calendarId: owner, eventId: id, requestBody: { summary: 'x' } });
    await standIn.pushes.settled();
    calendar.deleteEvent(id);
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync', 'exists', 'exists', 'exists']);
    expect(numbers()).toEqual([...numbers()].sort((a, b) => a - b));
  });

  it('stay silent about other calendars', async () => {
    await watch();
    standIn.account(owner).addCalendar({ summary: 'Room 2' }).addEvent(at('2026-06-01T10:00:00Z'));
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync']);
  });

  it('end when stopped with the right resource id, and then are unknown', async () => {
    const { resourceId } = await watch();
    const stop = (requestBody: object) => api.channels.stop({ requestBody });
    expect(await refusalOf(stop({ id: 'channel-1', resourceId: 'wrong' }))).toBe('404 notFound');
    expect((await stop({ id: 'channel-1', resourceId })).status).toBe(204);
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync']);
    expect(await refusalOf(stop({ id: 'channel-1', resourceId }))).toBe('404 notFound');
  });

  it('end at their expiration', async () => {
    const { expiration } = await watch({ params: { ttl: '3600' } });
    expect(Number(expiration)).toBeLessThanOrEqual(now + 3_600_000);
    now += 3_600_000;
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync']);
  });

  it('try again after 503, and do not after 404', async () => {
    answers = [503, 204, 404];
    await watch();
    expect(states()).toEqual(['sync', 'sync']);
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync', 'sync', 'exists']);
  });

  it('can lose and double their messages', async () => {
    await watch();
    standIn.pushes.copies = 0;
    calendar.addEvent(at('2026-06-01T10:00:00Z'));
    standIn.pushes.copies = 2;
    calendar.addEvent(at('2026-06-01T11:00:00Z'));
    await standIn.pushes.settled();
    expect(states()).toEqual(['sync', 'exists', 'exists']);
  });

  it.each<[string, object, string]>([
    ['an address without HTTPS', { address: 'http://salon.example/webhook' }, 'push.webhookUrlNotHttps'],
    ['no address', { address: undefined }, 'required'],
    ['no id', { id: undefined }, 'required'],
    ['an id of more than 64 characters', { id: 'i'.repeat(65) }, 'channelIdInvalid'],
    ['a token of more than 256 characters', { token: 't'.repeat(257) }, 'invalid'],
    ['an expiration in the past', { expiration: '1000' }, 'invalid'],
  ])('are refused for %s', async (_, channel, reason) => {
    expect(await refusalOf(watch(channel))).toBe(`400 ${reason}`);
  });

  it('are refused for an id in use, and on calendars that do not push', async () => {
    await watch();
    expect(await refusalOf(watch())).toBe('400 channelIdNotUnique');
    calendar.refusesPush = true;
    expect(await refusalOf(watch({ id: 'channel-2' }))).toBe('400 pushNotSupportedForRequestedResource');
  });
});
