import { english } from '../../src/agent-tools/language/en/en.js';
import { spanish } from '../../src/agent-tools/language/es/es.js';
import { addDays, localDateOf, weekdayOf } from '../../src/booking/engine/zoned-time.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

/* Who or what will do, where callers leave it open or rule something out. */

describe('a choice', () => {
  it.each([
    ...[
      'anyone',
      'Anyone is fine',
      'anybody',
      'no preference',
      'I have no preference',
      'first available',
      'whoever',
    ],
    ...[
      'whoever is free',
      "I don't care",
      "doesn't matter",
      'either one is fine',
      'any doctor',
      'any available',
    ],
    ...['No one in particular', 'the first available', 'with anyone', 'anyone available', 'up to you'],
  ])('is left open by %j', (said) => {
    expect(english.readChoice(said)).toEqual({ kind: 'any' });
  });

  it.each([
    ...['cualquiera', 'me da igual', 'a mí me da igual', 'no importa', 'quien sea', 'el primero disponible'],
    ...['sin preferencia', 'con quien sea', 'la primera disponible', 'no tengo preferencia', 'anyone'],
  ])('is left open by %j, in Spanish', (said) => {
    expect(spanish.readChoice(said)).toEqual({ kind: 'any' });
  });

  it.each([
    ['not Dr. Okafor', ['dr okafor']],
    ['anyone but Dr. Okafor', ['dr okafor']],
    ['anyone except Ana or Ben', ['ana', 'ben']],
    ['anything but a cleaning', ['cleaning']],
    ['please not with Ana', ['ana']],
    ['somebody other than Ana', ['ana']],
  ])('%j rules out %j', (said, names) => {
    expect(english.readChoice(said)).toEqual({ kind: 'not', names });
  });

  it.each([
    ['no con el doctor Okafor', ['doctor okafor']],
    ['cualquiera menos Ana', ['ana']],
    ['que no sea Ana ni Ben', ['ana', 'ben']],
    ['cualquier cosa menos una limpieza', ['limpieza']],
    ['not Ana', ['ana']],
  ])('%j rules out %j, in Spanish', (said, names) => {
    expect(spanish.readChoice(said)).toEqual({ kind: 'not', names });
  });

  it.each([
    'Dr. Okafor',
    'Ana',
    'Noa',
    'a deep cleaning, please',
    'any haircut',
    'Noemí',
    'Anything Goes',
    'Nota',
  ])('%j is one of them', (name) => {
    expect(english.readChoice(name)).toEqual({ kind: 'one', name });
    expect(spanish.readChoice(name)).toEqual({ kind: 'one', name });
  });

  it.each(['is fine ', 'who is fine which one ', 'not anyone who is not '])(
    'takes no longer for words that can be divided into phrases in many ways: %j',
    (phrase) => {
      const said = `${phrase.repeat(100).slice(0, 199)}x`;
      const before = process.cpuUsage();
      english.readChoice(said);
      spanish.readChoice(said);
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
    },
  );
});

describe('on the phone', () => {
  const timezone = 'America/New_York';
  let service: TestApp;
  let tenant: TestTenant;
  let ids: Record<string, string>;

  interface Answer {
    ok: boolean;
    say: string;
    code?: string;
    slots?: { slot_id: string; starts_at: string }[];
    hold?: { id: string };
    booking?: { id: string };
    service?: { name: string };
  }

  async function call(tool: string, body: object): Promise<Answer> {
    const path = `/api/agent-tools/${tool}`;
    return (await service.request<Answer>('POST', path, { key: tenant.key, body })).body;
  }

  async function resourceOf(bookingId: string): Promise<string> {
    const path = `/api/bookings/${bookingId}`;
    return (await service.request<{ resourceId: string }>('GET', path, { key: tenant.key })).body.resourceId;
  }

  async function create(path: string, body: object): Promise<string> {
    const { status, body: made } = await service.request<{ id: string }>('POST', path, {
      key: tenant.key,
      body,
    });
    expect(status).toBe(201);
    return made.id;
  }

  const nextWeek = addDays(localDateOf(Date.now(), timezone), 7);
  const monday = addDays(nextWeek, (8 - weekdayOf(nextWeek)) % 7);
  const ana = { name: 'Ana Flores', phone: '(415) 555-0123' };

  beforeAll(async () => {
    service = await startTestApp();
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    tenant = await aTenant(service, { timezone });
    ids = {
      okafor: await create('/api/resources', { name: 'Dr. Okafor' }),
      lee: await create('/api/resources', { name: 'Dr. Lee' }),
    };
    await create('/api/services', { name: 'Cleaning', durationMinutes: 60, resourceIds: Object.values(ids) });
  });

  it('never books with somebody who was ruled out', async () => {
    for (const hour of ['09:00', '10:00', '11:00', '12:00', '13:00']) {
      const { booking } = await call('create_booking', {
        ...ana,
        date: monday,
        time: hour,
        service: 'Cleaning',
        resource: 'not Dr. Okafor',
      });
      expect(await resourceOf(booking?.id ?? '')).toBe(ids['lee']);
    }
    const taken = await call('create_booking', {
      name: 'Ben Lee',
      phone: '(415) 555-0124',
      date: monday,
      time: '09:00',
      service: 'Cleaning',
      resource: 'anyone but Dr. Okafor',
    });
    expect(taken.code).toBe('slot_taken');
  });

  it('offers times that are booked with one of the others, whatever is said then', async () => {
    const asked = { date: monday, service: 'Cleaning', resource: 'anyone except Dr. Okafor' };
    const { slots } = await call('check_availability', asked);
    const { booking } = await call('create_booking', { ...ana, slot_id: slots?.[0]?.slot_id });
    expect(await resourceOf(booking?.id ?? '')).toBe(ids['lee']);
  });

  it('takes anyone where it was left open', async () => {
    const anyone = await call('check_availability', {
      date: monday,
      service: 'Cleaning',
      resource: 'anyone is fine',
    });
    expect(anyone.slots?.length).toBeGreaterThan(0);
    const any = await call('check_availability', { date: monday, service: 'no preference' });
    expect(any.ok).toBe(true);
  });

  it('takes what is left of the services, and asks where that is several', async () => {
    const left = await call('check_availability', { date: monday, service: 'anything but a cleaning' });
    expect(left.service?.name).toBe('Appointment');
    await create('/api/services', { name: 'Whitening', durationMinutes: 30, resourceIds: [ids['lee']] });
    const several = await call('check_availability', { date: monday, service: 'anything but a cleaning' });
    expect(several).toMatchObject({
      code: 'missing_information',
      say: 'We offer Appointment and Whitening. Which would you like?',
    });
  });

  it('says who there is where somebody unknown is ruled out, or everybody', async () => {
    const unknown = await call('check_availability', { date: monday, resource: 'not Dr. Who' });
    expect(unknown.code).toBe('unknown_resource');
    const nobody = await call('check_availability', {
      date: monday,
      service: 'Cleaning',
      resource: 'not Dr. Okafor or Dr. Lee',
    });
    expect(nobody.slots ?? []).toEqual([]);
  });
});
