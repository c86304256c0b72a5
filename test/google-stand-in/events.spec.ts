import { jest } from '@jest/globals';
import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { allScopes, at, connect, owner, refusalOf, startStandIn, type Calendar } from './support.js';

describe('events', () => {
  let standIn: GoogleStandIn;
  let api: Calendar;

  beforeEach(async () => {
    standIn = await startStandIn();
    standIn.addAccount({ email: owner, timeZone: 'Europe/Berlin' });
    ({ api } = await connect(standIn));
  });
  afterEach(() => standIn.stop());

  const insert = (requestBody: object, more: object = {}) =>
    api.events.insert({
      calendarId: 'primary',
      requestBody: { ...at('2026-06-01T10:00:00Z'), ...requestBody },
      ...more,
    });

  it('smoke', async () => {
    const { data } = await insert({ summary: 'Cut' });
    expect(data).toMatchObject({ summary: 'Cut' });
    console.log(data);
    const { data: list } = await api.events.list({ calendarId: 'primary', singleEvents: true });
    console.log(list, (await api.calendarList.list({})).data);
    const fb = await api.freebusy.query({
      requestBody: {
        timeMin: '2026-06-01T00:00:00Z',
        timeMax: '2026-06-02T00:00:00Z',
        items: [{ id: 'primary' }, { id: 'x' }],
      },
    });
    console.log(JSON.stringify(fb.data));
    console.log(standIn.requests);
  });
});
