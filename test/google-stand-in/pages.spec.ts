import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { allScopes, oauthClient, owner, startStandIn } from './support.js';

describe('the pages for a person', () => {
  let standIn: GoogleStandIn;
  const now = Date.parse('2026-06-01T06:00:00Z');

  beforeEach(async () => {
    standIn = await startStandIn({ now: () => now });
    standIn.addAccount({ email: owner, name: 'Olga <b>Owner</b>', timeZone: 'Europe/Berlin' });
  });
  afterEach(() => standIn.stop());

  const calendar = () => standIn.account(owner).calendar();
  const show = async (path: string) => {
    const answer = await fetch(new URL(path, standIn.origin));
    return (await answer.text()).replace(/\s+/g, ' ');
  };
  const address = `/calendar?account=${encodeURIComponent(owner)}`;
  const send = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(new URL(address, standIn.origin), { method: 'POST', body: new URLSearchParams(form), headers });

  it('say that this is not Google, and lead to each calendar', async () => {
    const page = await show('/');
    expect(page).toContain('Google stand-in (not Google)');
    expect(page).toContain(`href="${address}"`);
  });

  it('ask for consent: accounts to choose, scopes to untick, grant and deny', async () => {
    const page = await show(oauthClient(standIn).generateAuthUrl({ scope: allScopes }));
    expect(page).toContain('Google stand-in (not Google)');
    expect(page).toContain('Olga &lt;b&gt;Owner&lt;/b&gt;');
    expect(page.match(/type="checkbox"/g)).toHaveLength(3);
    expect(page).toMatch(/value="grant".*value="deny"/);
  });

  it('show the coming events in the calendar’s zone, escaped', async () => {
    calendar().addEvent({
      summary: '<script>alert(1)</script>',
      description: 'Phone: 030 & more',
      start: { dateTime: '2026-06-01T10:00:00Z' },
      end: { dateTime: '2026-06-01T10:30:00Z' },
    });
    const page = await show(address);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('Phone: 030 &amp; more');
    expect(page).toMatch(/Monday,? 1 June 2026, 12:00 – 12:30/);
  });

  it('add and delete events as the owner would', async () => {
    const time = { start: '2026-06-01T12:00', end: '2026-06-01T13:00' };
    await send({ action: 'add', calendar: owner, title: 'Dentist', ...time });
    const [event] = calendar().events();
    expect(event).toMatchObject({ summary: 'Dentist', start: { dateTime: '2026-06-01T10:00:00Z' } });
    await send({ action: 'delete', calendar: owner, id: String(event?.id) });
    expect(calendar().events()).toEqual([]);
  });

  it('say what is wrong with an event', async () => {
    const time = { start: '2026-06-01T13:00', end: '2026-06-01T12:00' };
    const answer = await send({ action: 'add', calendar: owner, title: 'Dentist', ...time });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('The specified time range is empty.');
  });

  it('are found by the link of an event', async () => {
    const time = { start: { dateTime: '2026-06-01T10:00:00Z' }, end: { dateTime: '2026-06-01T11:00:00Z' } };
    const { id } = calendar().addEvent({ summary: 'Cut', ...time });
    const eid = Buffer.from(`${id} ${owner}`).toString('base64url');
    const link = `${standIn.origin}/calendar/event?eid=${eid}`;
    const answer = await fetch(link, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`${address}#${id}`);
    expect(await (await fetch(link)).text()).toContain('Cut');
  });

  it('take nothing from pages of other sites', async () => {
    const answer = await send({ action: 'add', title: 'x' }, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
  });

  it('answer 404 for what is not there', async () => {
    expect((await fetch(`${standIn.origin}/nothing`)).status).toBe(404);
    expect((await fetch(`${standIn.origin}/calendar?account=nobody`)).status).toBe(404);
  });
});
