import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BookingView } from '../../src/booking/booking.js';
import { bookingIdOf } from '../../src/calendar/event-id.js';
import { GoogleStandIn, type StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { JOB_SCHEMA } from '../../src/platform/jobs/install-job-queues.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { aTenant, connectGoogle, type Answer, type TestApp, type TestTenant } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { CLIENT_ID, CLIENT_SECRET } from '../support/test-settings.js';
import type { Random } from './random-numbers.js';
import { differences, settled } from './settled-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Within working hours in New York in any season. */
const HOURS_UTC = [14, 15, 16, 17, 18, 19, 20];
const DAYS = 40;
/** An owner's own appointments: often in the way, and few enough that callers still book something. */
const MOST_APPOINTMENTS = 50;
/** Longer than any answer takes while something lives that can give it. */
const CLIENT_PATIENCE_MS = 20_000;
const FIRST_DAY = Math.ceil(Date.now() / DAY) * DAY + 3 * DAY;

/** A tenant with a connected calendar, and what has been done to its bookings. */
export interface Owner extends TestTenant {
  calendar: StandInCalendar;
  history: { answered: Set<string>; cancelAsked: Set<string>; eventDeleted: Set<string> } & {
    lastConfirmedStart: Map<string, number>;
  };
  /** Bookings that the owner has moved, or that a request without an answer may have moved or may move yet. */
  movedUnseen: Set<string>;
}

/**
 * Several service processes on one database and one Google, used by clients and calendar owners while a test shakes
 * them. Clients ask again, of whichever process lives, until they are answered.
 */
export class ShakenService {
  readonly owners: Owner[] = [];
  readonly alive = new Set<ServiceProcess>();
  /** Every process that was ever started, for what it has printed. */
  private readonly started: Promise<ServiceProcess>[] = [];
  private isOver = false;
  private hasFailed = false;

  private constructor(
    readonly database: TestDatabase,
    readonly google: GoogleStandIn,
    private readonly pushes: Server,
    private readonly environment: Record<string, string>,
    private readonly asksAgainAfter503: boolean,
  ) {}

  /**
   * @param options.environment settings of every process
   * @param options.asksAgainAfter503 whether a 503 is expected, and asked again; otherwise it fails the test
   */
  static async start(
    instances: number,
    {
      environment = {},
      asksAgainAfter503 = false,
    }: { environment?: Record<string, string>; asksAgainAfter503?: boolean } = {},
  ): Promise<ShakenService> {
    const database = await createTestDatabase();
    const google = await GoogleStandIn.start({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
    // Google pushes to one address, whichever processes are behind it.
    const pushes = createServer().listen(0, '127.0.0.1');
    await once(pushes, 'listening');
    const settings = {
      GOOGLE_WEBHOOK_URL: `http://127.0.0.1:${(pushes.address() as { port: number }).port}`,
      CALENDAR_POLL_MS: '1000',
      CALENDAR_ATTEMPT_MS: '1500',
      CALENDAR_BUDGET_MS: '1500',
      JOB_POLL_INTERVAL_MS: '500',
      ...environment,
    };
    const service = new ShakenService(database, google, pushes, settings, asksAgainAfter503);
    pushes.on('request', (message: IncomingMessage, answer) => {
      service.forwardPush(message).then(
        (status) => answer.writeHead(status).end(),
        () => answer.writeHead(503).end(),
      );
    });
    await Promise.all(Array.from({ length: instances }, () => service.startProcess()));
    return service;
  }

  async close(): Promise<void> {
    for (const service of await Promise.allSettled(this.started))
      if (service.status === 'fulfilled') await service.value.kill();
    this.pushes.close();
    await this.google.stop();
    await this.database.drop();
  }

  /** @param environment what this process has that the others don't, e.g. another clock */
  async startProcess(environment: Record<string, string> = {}): Promise<ServiceProcess> {
    const starting = startService(this.database, this.google.origin, { ...this.environment, ...environment });
    this.started.push(starting);
    const service = await starting;
    this.alive.add(service);
    return service;
  }

  /** Lets clients and owners act while `shake` runs, and stops them when it has ended. */
  async useWhile(shake: () => Promise<void>, clientsEach: number, random: (...part: number[]) => Random) {
    await Promise.all([
      shake().finally(() => (this.isOver = true)),
      ...this.owners.flatMap((owner, index) => [
        this.beOwner(owner, random(2, index)),
        ...Array.from({ length: clientsEach }, (__, client) => {
          const number = index * clientsEach + client;
          return this.beClient(owner, number, random(3, number));
        }),
      ]),
    ]).catch((error: unknown) => {
      this.hasFailed = true;
      this.isOver = true;
      throw error;
    });
  }

  /** Waits until all is settled; returns what is wrong then, a sentence each: nothing, if every promise was kept. */
  async wrongOnceSettled(withinMs: number): Promise<string[]> {
    await this.google.pushes.settled();
    await settled(this.database, withinMs);
    const wrong: string[] = [];
    for (const { id, calendar, history } of this.owners)
      wrong.push(...(await differences(this.database, id, calendar, history)));
    return wrong;
  }

  /** A job whose process died is run again after five minutes, which is too long for a test: from now on at once. */
  async expireAbandonedJobs(): Promise<void> {
    await this.database.query(
      `UPDATE ${JOB_SCHEMA}.job SET started_on = started_on - interval '1 hour' WHERE state = 'active'`,
    );
  }

  /** Lines of errors that the processes have logged. */
  async loggedErrors(): Promise<string[]> {
    const printed = await Promise.all(this.started);
    return printed
      .flatMap((service) => service.output().split('\n'))
      .filter((line) => /^\{"level":(?:"(?:error|fatal)"|[56]0)/.test(line));
  }

  /** Adds a tenant that has connected its calendar. Some process must be alive. */
  async addOwner(name: string): Promise<void> {
    const email = `owner@${name}.example`;
    this.google.addAccount({ email, timeZone: 'America/New_York' });
    const app = { request: this.ask, google: this.google };
    const tenant = await aTenant(app, { name });
    await connectGoogle(app, tenant, email);
    this.owners.push({
      ...tenant,
      calendar: this.google.account(email).calendar(),
      history: {
        answered: new Set(),
        cancelAsked: new Set(),
        eventDeleted: new Set(),
        lastConfirmedStart: new Map(),
      },
      movedUnseen: new Set(),
    });
    await this.ask('PUT', '/api/working-hours', {
      key: tenant.key,
      body: { weekly: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '08:00', end: '18:00' })) },
    });
  }

  /** As clients do: what is not answered is asked again, of whichever process lives. */
  private readonly ask = async <Body>(
    ...asked: Parameters<TestApp['request']>
  ): Promise<Answer<Body> & { isRepeated: boolean }> => {
    for (let attempt = 0; !this.hasFailed; attempt += 1) {
      const living = [...this.alive];
      const service = living[Math.floor(Math.random() * living.length)];
      const answer = await Promise.race([
        service?.request<Body>(...asked).catch(() => undefined),
        sleep(CLIENT_PATIENCE_MS, undefined, { ref: false }),
      ]);
      const isRefused = answer?.status === 503 && this.asksAgainAfter503;
      if (answer !== undefined && !isRefused) return { ...answer, isRepeated: attempt > 0 };
      await sleep(20);
    }
    throw new Error('The test has failed already.');
  };

  private async forwardPush({ headers, url = '/' }: IncomingMessage): Promise<number> {
    const google = Object.entries(headers).filter(([name]) => name.startsWith('x-goog-'));
    const [service] = this.alive;
    if (service === undefined) return 503;
    const { status } = await service.request('POST', url, {
      headers: Object.fromEntries(google) as Record<string, string>,
    });
    return status;
  }

  /** Books, moves and cancels its own bookings, pausing in between. */
  private async beClient(owner: Owner, number: number, random: Random): Promise<void> {
    const { key, history } = owner;
    const mine: string[] = [];
    for (let wish = 0; !this.isOver; wish += 1) {
      await sleep(random.below(100));
      const action = random.next();
      const id = random.any(mine);
      const startsAt = new Date(someTime(random)).toISOString();
      let answer: Answer<BookingView> & { isRepeated: boolean };
      if (action < 0.5 || id === undefined) {
        const phone = `+1415555${1000 * (number + 1) + wish}`;
        const headers = { 'idempotency-key': `wish-${phone}` };
        answer = await this.ask('POST', '/api/bookings', {
          key,
          headers,
          body: { startsAt, name: 'Ana', phone },
        });
        if (answer.status === 201) {
          history.answered.add(answer.body.id);
          mine.push(answer.body.id);
          confirmedAt(owner, answer.body);
        }
      } else if (action < 0.8) {
        answer = await this.ask('POST', `/api/bookings/${id}/reschedule`, { key, body: { startsAt } });
        // An earlier request, never answered, may still be carried out by a process that stands still.
        if (answer.isRepeated) forgetWhere(owner, id);
        else if (answer.status === 200) confirmedAt(owner, answer.body);
      } else {
        history.cancelAsked.add(id);
        mine.splice(mine.indexOf(id), 1);
        answer = await this.ask('POST', `/api/bookings/${id}/cancel`, { key, body: {} });
      }
      expect([200, 201, 409, 422]).toContain(answer.status);
    }
  }

  /** Has appointments of their own, and moves and deletes those and ours. */
  private async beOwner(owner: Owner, random: Random): Promise<void> {
    const { calendar, history } = owner;
    while (!this.isOver) {
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
        const bookingId = bookingIdOf(event.id);
        if (bookingId !== null) forgetWhere(owner, bookingId);
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
}

function confirmedAt({ history, movedUnseen }: Owner, { id, startsAt }: BookingView): void {
  if (!movedUnseen.has(id)) history.lastConfirmedStart.set(id, Date.parse(startsAt));
}

/** From now on nobody can say from the answers alone where this booking is. */
function forgetWhere({ history, movedUnseen }: Owner, id: string): void {
  movedUnseen.add(id);
  history.lastConfirmedStart.delete(id);
}

function someTime(random: Random): number {
  return FIRST_DAY + random.below(DAYS) * DAY + random.pick(HOURS_UTC) * HOUR;
}
