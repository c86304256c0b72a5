import { setTimeout as sleep } from 'node:timers/promises';
import type { BookingView } from '../../src/booking/booking.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import { aConnectedTenant, type ConnectedTenant } from '../calendar/connected-tenant.js';
import { synchronised, timesOf } from '../calendar/mirror/mirrored.js';
import { at, upcoming } from '../support/dates.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { Random } from './random-numbers.js';

const SEED = Number(process.env['REFUSED_SEED'] ?? 1);
const HOUR = 3_600_000;
const PAGE = '<!DOCTYPE html><html><title>Error</title><p>That’s an error.</p></html>';
const GATEWAY = '{"message":"no Route matched with those values"}';

/** What is said to so many of an organisation's requests for a while. */
const REFUSALS: [string, StandInFault][] = [
  ...[302, 400, 401, 403, 404, 407, 409, 410, 412].map((status): [string, StandInFault] => [
    `${status} and a page`,
    { status, body: status % 2 === 0 ? PAGE : GATEWAY, share: 0.35 },
  ]),
  ['200 and a page', { body: PAGE, share: 0.35 }],
  ['404 and a gateway’s JSON to everything', { status: 404, body: GATEWAY, share: 1 }],
  ['403 of Google’s own to everything', { status: 403, reason: 'forbidden', share: 1 }],
  ['404 of Google’s own to everything', { status: 404, share: 1 }],
];

/** A booking, and what has to be there of it in the end. */
interface Expected {
  id: string;
  /** Null where it is cancelled, and no event is left. */
  startsAt: number | null;
}

describe(`an organisation to which Google says nonsense for a while (REFUSED_SEED=${SEED})`, () => {
  let service: TestApp;
  const [first, second] = [upcoming(2), upcoming(4)];

  beforeAll(async () => {
    service = await startTestApp({ calendarBudgetMs: 400, calendarAttemptMs: 1500 });
  });
  afterAll(() => service.close());

  it('ends with one event at the right time for each booking, and nobody is cancelled', async () => {
    const organisations: [string, ConnectedTenant, Expected[]][] = [];
    // One after the other as far as people connect them, all at once as far as they are refused.
    for (const [name] of REFUSALS) {
      const owner = await aConnectedTenant(service);
      await synchronised(service.database, owner.id);
      organisations.push([name, owner, []]);
    }
    service.google.fault({ on: 'token', status: 404, body: PAGE, share: 0.3, seed: SEED });
    await Promise.all(
      organisations.map(async ([, owner, expected], index) => {
        const random = new Random(SEED, index);
        expected.push(...(await aBusyHour(owner, REFUSALS[index]![1], random)));
      }),
    );
    service.google.clearFaults();
    // The next look at the calendar comes in minutes; a push would come sooner.
    for (const [, owner] of organisations) await synchronised(service.database, owner.id, 60_000);
    for (const [name, owner, expected] of organisations)
      await eventually(
        async () => expect([name, await stateOf(owner)]).toEqual([name, wanted(expected)]),
        60_000,
      );
    // And so it stays.
    await sleep(2_000);
    for (const [name, owner, expected] of organisations)
      expect([name, await stateOf(owner)]).toEqual([name, wanted(expected)]);
  }, 300_000);

  async function aBusyHour(
    owner: ConnectedTenant,
    refusal: StandInFault,
    random: Random,
  ): Promise<Expected[]> {
    const { key, calendar, email } = owner;
    let booked = 0;
    const book = async (date: string, time: string): Promise<BookingView> => {
      booked += 1;
      const { status, body } = await service.request<BookingView>('POST', '/api/bookings', {
        key,
        body: { startsAt: at(date, time), name: `Guest ${booked}`, phone: `+1415555${1000 + booked}` },
      });
      expect(status).toBe(201);
      return body;
    };
    const post = async (id: string, how: string, body = {}) => {
      const { status } = await service.request('POST', `/api/bookings/${id}/${how}`, { key, body });
      expect(status).toBe(200);
    };
    const eventOf = (id: string) => calendar.events().find((event) => bookingIdOf(event.id) === id)!.id;
    const before: BookingView[] = [];
    for (const hour of [9, 10, 11, 12, 13, 14, 15])
      before.push(await book(first, `${String(hour).padStart(2, '0')}:00`));
    await eventually(() => expect(calendar.events()).toHaveLength(before.length), 60_000);
    await service.database.query(
      `UPDATE tenant_google_token SET access_expires_at = now() - interval '1 minute' WHERE tenant_id = $1`,
      [owner.id],
    );

    const on = /\./;
    service.google.fault({
      ...refusal,
      on,
      account: email,
      times: Infinity,
      seed: SEED + random.below(1000),
    });
    const [stays, changes, goes, moved, deleted, renamed, twice] = before.map(({ id }) => id);
    const expected: Expected[] = [{ id: stays!, startsAt: Date.parse(at(first, '09:00')) }];
    const expects = (id: string, date: string | null, time = ''): void => {
      expected.push({ id, startsAt: date === null ? null : Date.parse(at(date, time)) });
    };
    const doings: (() => Promise<void>)[] = [
      async () => {
        await post(changes!, 'reschedule', { startsAt: at(second, '09:00') });
        expects(changes!, second, '09:00');
      },
      async () => {
        await post(goes!, 'cancel');
        expects(goes!, null);
      },
      async () => {
        const start = Date.parse(at(second, '19:00'));
        calendar.updateEvent(eventOf(moved!), timesOf(start, start + HOUR));
        expects(moved!, second, '19:00');
      },
      async () => {
        calendar.deleteEvent(eventOf(deleted!));
        expects(deleted!, null);
      },
      async () => {
        calendar.updateEvent(eventOf(renamed!), { summary: 'By the owner' });
        expects(renamed!, first, '14:00');
      },
      async () => {
        await post(twice!, 'reschedule', { startsAt: at(second, '10:00') });
        await sleep(random.below(400));
        await post(twice!, 'reschedule', { startsAt: at(second, '11:00') });
        expects(twice!, second, '11:00');
      },
      async () => expects((await book(second, '13:00')).id, second, '13:00'),
      async () => {
        const { id } = await book(second, '14:00');
        await sleep(random.below(600));
        await post(id, 'cancel');
        expects(id, null);
      },
      async () => {
        const { id } = await book(second, '15:00');
        await sleep(random.below(600));
        await post(id, 'reschedule', { startsAt: at(second, '16:00') });
        expects(id, second, '16:00');
      },
    ];
    while (doings.length > 0) {
      const [next] = doings.splice(random.below(doings.length), 1);
      await next!();
      // As a push would.
      await service.database.query(
        `UPDATE calendar_sync SET due_at = least(due_at, now()), requested_at = clock_timestamp() WHERE tenant_id = $1`,
        [owner.id],
      );
      await sleep(random.below(500));
    }
    return expected;
  }

  function wanted(expected: readonly Expected[]) {
    const there = expected.filter(({ startsAt }) => startsAt !== null);
    return {
      bookings: expected
        .map(({ id, startsAt }) => (startsAt === null ? `${id} cancelled` : `${id} confirmed ${startsAt}`))
        .sort(),
      events: there.map(({ id, startsAt }) => `${id} ${startsAt}`).sort(),
      unsettled: [],
    };
  }

  async function stateOf({ id, calendar }: ConnectedTenant) {
    const bookings = await service.database.query<{ id: string; status: string; startsAt: Date }>(
      'SELECT id, status, starts_at AS "startsAt" FROM booking WHERE tenant_id = $1',
      [id],
    );
    return {
      bookings: bookings
        .map(
          (one) => `${one.id} ${one.status}${one.status === 'confirmed' ? ` ${one.startsAt.getTime()}` : ''}`,
        )
        .sort(),
      events: calendar
        .events()
        .map((event) => `${bookingIdOf(event.id)} ${Date.parse(event.start?.dateTime ?? '')}`)
        .sort(),
      unsettled: await service.database.query(
        `SELECT booking_id, state, failure FROM event_write
         WHERE tenant_id = $1 AND (state <> 'synced' OR failure IS NOT NULL AND failure <> 'removal_unconfirmed')`,
        [id],
      ),
    };
  }
});
