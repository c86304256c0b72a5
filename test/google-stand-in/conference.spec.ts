import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('Meet conferences', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;
  const calendarId = 'primary';
  const eventId = 'booking1';
  const createRequest = { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } };
  const link = /^https:\/\/meet\.google\.com\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/;
  const time = at('2026-06-01T10:00:00Z');

  const begin = async (meetPendingReads = 0) => {
    standIn = await startStandIn({ meetPendingReads });
    ({ api } = await connect(standIn));
  };
  const insert = async (conferenceDataVersion?: number, request: object = createRequest) => {
    const requestBody = { ...time, id: eventId, conferenceData: { createRequest: request } };
    return (await api.events.insert({ calendarId, conferenceDataVersion, requestBody })).data;
  };
  const read = async () => (await api.events.get({ calendarId, eventId })).data;
  afterEach(() => standIn.stop());

  it('are made at once when nothing else is wished', async () => {
    await begin();
    const event = await insert(1);
    expect(event.hangoutLink).toMatch(link);
    expect(event.conferenceData?.entryPoints?.[0]).toMatchObject({
      entryPointType: 'video',
      uri: event.hangoutLink,
    });
    expect(event.conferenceData?.createRequest?.status?.statusCode).toBe('success');
  });

  it('are ignored without conferenceDataVersion=1', async () => {
    await begin();
    expect(await insert()).not.toHaveProperty('conferenceData');
  });

  it('may be pending for some reads, and then the event has changed', async () => {
    await begin(2);
    const inserted = await insert(1);
    const states: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      const event = await read();
      states.push(event.conferenceData?.createRequest?.status?.statusCode, event.hangoutLink);
    }
    expect(states).toEqual([
      'pending',
      undefined,
      'pending',
      undefined,
      'success',
      expect.stringMatching(link),
    ]);
    expect((await read()).etag).not.toBe(inserted.etag);
  });

  it('survive a patch, and an update that speaks version 1 and sends them back', async () => {
    await begin();
    const { hangoutLink, conferenceData } = await insert(1);
    const patched = await api.events.patch({ calendarId, eventId, requestBody: { summary: 'Cut' } });
    expect(patched.data.hangoutLink).toBe(hangoutLink);
    const requestBody = { ...time, conferenceData };
    const updated = await api.events.update({ calendarId, eventId, conferenceDataVersion: 1, requestBody });
    expect(updated.data.hangoutLink).toBe(hangoutLink);
  });

  it('are lost by an update without version 1', async () => {
    await begin();
    const { conferenceData } = await insert(1);
    const { data } = await api.events.update({
      calendarId,
      eventId,
      requestBody: { ...time, conferenceData },
    });
    expect(data).not.toHaveProperty('hangoutLink');
    expect(data).not.toHaveProperty('conferenceData');
  });

  it('are made anew for a new request id only', async () => {
    await begin();
    const { hangoutLink } = await insert(1);
    const ask = async (requestId: string) => {
      const requestBody = { conferenceData: { createRequest: { ...createRequest, requestId } } };
      return (await api.events.patch({ calendarId, eventId, conferenceDataVersion: 1, requestBody })).data
        .hangoutLink;
    };
    expect(await ask('r1')).toBe(hangoutLink);
    expect(await ask('r2')).not.toBe(hangoutLink);
  });

  it('can be taken off an event', async () => {
    await begin();
    await insert(1);
    const requestBody = { conferenceData: null } as object;
    const { data } = await api.events.patch({ calendarId, eventId, conferenceDataVersion: 1, requestBody });
    expect(data).not.toHaveProperty('hangoutLink');
  });

  it('are refused for other solutions, without a request id, and on calendars without Meet', async () => {
    await begin();
    expect(await refusalOf(insert(1, { requestId: 'r1', conferenceSolutionKey: { type: 'zoom' } }))).toBe(
      '400 invalid',
    );
    expect(await refusalOf(insert(1, { conferenceSolutionKey: { type: 'hangoutsMeet' } }))).toBe(
      '400 required',
    );
    standIn.account(owner).calendar().meet = 'refused';
    expect(await refusalOf(insert(1))).toBe('400 invalid');
    expect(await refusalOf(insert())).toBe('not refused');
  });

  it('can fail after having been asked for', async () => {
    await begin();
    standIn.account(owner).calendar().meet = 'fails';
    expect((await insert(1)).conferenceData?.createRequest?.status?.statusCode).toBe('failure');
  });
});
