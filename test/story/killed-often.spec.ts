import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookingView } from '../../src/booking/booking.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { GoogleStandIn, type StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { JOB_SCHEMA } from '../../src/platform/jobs/install-job-queues.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { aTenant, connectGoogle, type Answer, type TestApp, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
import { Random } from './random-numbers.js';
import { differences, type History, settled } from './settled-world.js';

/** With the same seed everybody does the same again, though not in the same moments. */
const SEED = Number(process.env['KILLED_OFTEN_SEED'] ?? 5);
const KILLS = 50;
const INSTANCES = 2;
const CLIENTS_EACH = 3;
/** From one kill to the next, once the one that was killed is replaced. */
const LONGEST_PEACE_MS = 1_000;
const LONGEST_DELAY_MS = 150;
const LOST_ANSWERS = 0.04;
/** There are always more of them than requests between two kills. */
const FAULTS_AHEAD = 500;
/** What may appear in Google after all is looked for once more after a minute. */
const PATIENCE_MS = 120_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Within the working hours in New York, whatever the season. */
const HOURS_UTC = [14, 15, 16, 17, 18, 19, 20];
const DAYS = 40;
/** Of an owner's own: so many that they are often in the way, and seldom enough to book something. */
const MOST_APPOINTMENTS = 50;
const FIRST_DAY = Math.ceil(Date.now() / DAY) * DAY + 3 * DAY;

interface Owner extends TestTenant {
  calendar: StandInCalendar;
  history: { [Kind in keyof History]: Set<string> };
}

describe(`two processes that are killed with -9 again and again (KILLED_OFTEN_SEED=${SEED})`, () => {
  let database: TestDatabase;
  let google: GoogleStandIn;
  let pushes: Server;
  let environment: Record<string, string>;
  const owners: Owner[] = [];
  /** Those that are alive. */
  const alive = new Set<ServiceProcess>();
  /** All that ever were, for what they have printed. */
  const services: Promise<ServiceProcess>[] = [];
  let killed = 0;
  let hasFailed = false;
  const isOver = () => killed >= KILLS || hasFailed;

  beforeAll(async () => {
    console.log(`KILLED_OFTEN_SEED=${SEED}`);
    database = await createTestDatabase();
    google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    // The address that Google knows stays the same, whoever lives behind it.
    pushes = createServer((message, answer) => {
      forward(message).then(
        (status) => answer.writeHead(status).end(),
        () => answer.writeHead(503).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(pushes, 'listening');
    environment = {
      GOOGLE_WEBHOOK_URL: `http://127.0.0.1:${(pushes.address() as { port: number }).port}`,
      CALENDAR_POLL_MS: '1000',
      CALENDAR_ATTEMPT_MS: '1500',
      CALENDAR_BUDGET_MS: '1500',
      JOB_POLL_INTERVAL_MS: '500',
    };
    await Promise.all(Array.from({ length: INSTANCES }, start));
    for (const name of ['acme', 'beta']) {
      const email = `owner@${name}.example`;
      google.addAccount({ email, timeZone: 'America/New_York' });
      const app = { request: ask, google };
      const tenant = await aTenant(app, { name });
      await connectGoogle(app, tenant, email);
      owners.push({
        ...tenant,
        calendar: google.account(email).calendar(),
        history: { answered: new Set(), cancelAsked: new Set(), eventDeleted: new Set() },
      });
      await ask('PUT', '/api/working-hours', {
        key: tenant.key,
        body: { weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '08:00', end: '18:00' })) },
      });
    }
  }, 60_000);
  afterAll(async () => {
    for (const service of await Promise.allSettled(services))
      if (service.status === 'fulfilled') await service.value.kill();
    pushes.close();
    await google.stop();
    await database.drop();
  });

  it('ends with every booking where it should be, in the database, in the calendar and in the mirror', async () => {
    const weather = new Random(SEED, 0);
    const faults = () => {
      google.clearFaults();
      for (let ahead = 0; ahead < FAULTS_AHEAD; ahead += 1)
        google.fault(
          weather.chance(LOST_ANSWERS)
            ? { loseAnswer: true }
            : { delayMs: 1 + weather.below(LONGEST_DELAY_MS) },
        );
    };
    const reaper = async (random: Random) => {
      let replaced = Promise.resolve();
      while (!isOver()) {
        await sleep(random.below(LONGEST_PEACE_MS));
        const service = random.pick([...alive]);
        alive.delete(service);
        await service.kill();
        killed += 1;
        faults();
        const replacing = Promise.all([replaced, start()]).then(() => undefined);
        // Now and then the other one goes before the replacement is there.
        if (alive.size === 0 || random.chance(0.8)) await replacing;
        replaced = replacing;
      }
      await replaced;
    };
    faults();
    await Promise.all([
      reaper(new Random(SEED, 1)),
      ...owners.flatMap((owner, index) => [
        beOwner(owner, new Random(SEED, 2, index)),
        ...Array.from({ length: CLIENTS_EACH }, (__, client) => {
          const number = index * CLIENTS_EACH + client;
          return beClient(owner, number, new Random(SEED, 3, number));
        }),
      ]),
    ]).catch((error: unknown) => {
      hasFailed = true;
      throw error;
    });
    google.clearFaults();
    await google.pushes.settled();
    // A job that a process died over is run again after its five minutes, which nobody wants to wait for here.
    await database.query(
      `UPDATE ${JOB_SCHEMA}.job SET started_on = started_on - interval '1 hour' WHERE state = 'active'`,
    );
    await settled(database, PATIENCE_MS);

    for (const { id, calendar, history } of owners)
      expect(await differences(database, id, calendar, history)).toEqual([]);
    const printed = (await Promise.all(services)).flatMap((service) => service.output().split('\n'));
    expect(printed.filter(isError)).toEqual([]);
  }, 600_000);

  async function start(): Promise<void> {
    const starting = startService(database, google.origin, environment);
    services.push(starting);
    alive.add(await starting);
  }

  /** As clients do: what is not answered is asked again, of whoever is there. */
  async function ask<Body>(...asked: Parameters<TestApp['request']>): Promise<Answer<Body>> {
    while (!hasFailed) {
      const living = [...alive];
      const service = living[Math.floor(Math.random() * living.length)];
      const answer = await service?.request<Body>(...asked).catch(() => undefined);
      if (answer !== undefined) return answer;
      await sleep(20);
    }
    throw new Error('Nobody wants to know any more.');
  }

  async function forward({ headers, url = '/' }: IncomingMessage): Promise<number> {
    const google = Object.entries(headers).filter(([name]) => name.startsWith('x-goog-'));
    const [service] = alive;
    if (service === undefined) return 503;
    const { status } = await service.request('POST', url, {
      headers: Object.fromEntries(google) as Record<string, string>,
    });
    return status;
  }

  /** Books, moves and cancels what it has booked, and thinks in between. */
  async function beClient({ key, history }: Owner, number: number, random: Random): Promise<void> {
    const mine: string[] = [];
    for (let wish = 0; !isOver(); wish += 1) {
      await sleep(random.below(100));
      const action = random.next();
      const id = random.any(mine);
      const startsAt = new Date(someTime(random)).toISOString();
      let answer: Answer<BookingView>;
      if (action < 0.5 || id === undefined) {
        const phone = `+1415555${1000 * (number + 1) + wish}`;
        const headers = { 'idempotency-key': `wish-${phone}` };
        answer = await ask('POST', '/api/bookings', { key, headers, body: { startsAt, name: 'Ana', phone } });
        if (answer.status === 201) {
          history.answered.add(answer.body.id);
          mine.push(answer.body.id);
        }
      } else if (action < 0.8) {
        answer = await ask('POST', `/api/bookings/${id}/reschedule`, { key, body: { startsAt } });
      } else {
        history.cancelAsked.add(id);
        mine.splice(mine.indexOf(id), 1);
        answer = await ask('POST', `/api/bookings/${id}/cancel`, { key, body: {} });
      }
      expect([200, 201, 409, 422]).toContain(answer.status);
    }
  }

  /** Has appointments of his own, and changes his mind about those and about ours. */
  async function beOwner({ calendar, history }: Owner, random: Random): Promise<void> {
    while (!isOver()) {
      await sleep(random.below(300));
      const action = random.next();
      const isOurs = random.chance(0.5);
      const events = calendar.events().filter(({ id }) => isOurs === (bookingIdOf(id) !== null));
      const event = random.any(events);
      const start = someTime(random) + (random.chance(0.3) ? HOUR / 2 : 0);
      const times = {
        start: { dateTime: new Date(start).toISOString() },
        end: { dateTime: new Date(start + HOUR).toISOString() },
      };
      if (!isOurs && events.length < MOST_APPOINTMENTS && action < 0.5) {
        calendar.addEvent({ ...times, summary: 'Mine' });
      } else if (event !== undefined && action < 0.75) {
        calendar.updateEvent(event.id, times);
      } else if (event !== undefined && action < 0.95) {
        const bookingId = bookingIdOf(event.id);
        if (bookingId !== null) history.eventDeleted.add(bookingId);
        calendar.deleteEvent(event.id);
      } else {
        calendar.expireSyncTokens();
      }
    }
  }
});

function someTime(random: Random): number {
  return FIRST_DAY + random.below(DAYS) * DAY + random.pick(HOURS_UTC) * HOUR;
}

/** Of what the service logs, a line of JSON each: what says that something of ours is broken. */
function isError(line: string): boolean {
  return /^\{"level":(?:"(?:error|fatal)"|[56]0)/.test(line);
}
