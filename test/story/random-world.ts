import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { freePort } from '../../src/local/free-port.js';
import type { Account } from '../../src/local/google-stand-in/accounts.js';
import type { Calendar } from '../../src/local/google-stand-in/calendar.js';
import { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { OwnersBrowser } from '../../src/local/google-stand-in/owners-browser.js';
import type { Settings } from '../../src/platform/config/settings.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, CLIENT_ID, CLIENT_SECRET, testSettings } from '../support/test-settings.js';
import { BookingHistory } from './random-history.js';
import { Random } from './random-numbers.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Everything happens on a few days that are far enough away not to pass meanwhile. */
const FIRST_DAY = Math.ceil(Date.now() / DAY) * DAY + 2 * DAY;
const DAYS = 4;
const FIRST_HOUR = 8;
const HOURS = 11;
const STEP_MINUTES = 30;
export const ALL_DAYS = { start: FIRST_DAY - DAY, end: FIRST_DAY + (DAYS + 1) * DAY };

const ZONES = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata'];

export interface Resource {
  id: string;
  /** Whether it ever had calendars of its own: then its events may be in any. */
  hasChosen: boolean;
}

/** A tenant with its owner. */
export interface Organisation {
  number: number;
  id: string;
  key: string;
  zone: string;
  resources: Resource[];
  /** The Google accounts of its owner. */
  emails: string[];
  bookings: Map<string, BookingHistory>;
  /** Phone numbers of those who asked for a booking and got no answer: it may be there. */
  perhaps: Set<string>;
  holds: string[];
  /** Its accounts or calendars have been changed since everything was at rest. */
  isDisturbed: boolean;
}

/** An answer of the service; null where none came, so that nobody knows what was done. */
export type Heard<Body> = { status: number; body: Body } | null;

/** A calendar of an organisation's owner. */
export interface OwnedCalendar {
  organisation: Organisation;
  email: string;
  calendar: Calendar;
}

/** Organisations, the service in one or two instances, and Google, each of which anything may happen to. */
export class World {
  readonly organisations: Organisation[] = [];
  /** What was wrong as soon as it was seen. */
  readonly problems: string[] = [];
  /** Events that their owners have touched since everything was at rest. */
  readonly touched = new Set<string>();
  /** Foreign events by calendar and id, as they were when everything was at rest. */
  readonly known = new Map<string, Map<string, { start: number; end: number }>>();
  #numbers = 0;
  /** Where Google sends messages to; the other instance has a port of its own. */
  readonly #ports: [number, number];
  readonly #instances: [NestFastifyApplication | undefined, NestFastifyApplication | undefined] = [
    undefined,
    undefined,
  ];
  /** Starting and stopping happen one after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly seed: number,
    readonly database: TestDatabase,
    readonly google: GoogleStandIn,
    private readonly settings: Settings,
    ports: [number, number],
  ) {
    this.#ports = ports;
  }

  static async make(seed: number): Promise<World> {
    const random = new Random(seed, 0);
    const database = await createTestDatabase();
    const google = await GoogleStandIn.start({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      meetPendingReads: random.chance(0.2) ? 1 : 0,
    });
    const ports: [number, number] = [await freePort(), await freePort()];
    const { google: usual } = testSettings(database, google.origin);
    const settings = testSettings(database, google.origin, {
      calendarBudgetMs: 500,
      calendarAttemptMs: 1200,
      calendarPollMs: 1000,
      jobPollIntervalMs: 500,
      google: { ...usual, webhookUrl: `http://127.0.0.1:${ports[0]}` },
    });
    const world = new World(seed, database, google, settings, ports);
    await world.start(0);
    if (random.chance(0.5)) await world.start(1);
    for (const number of [0, 1, 2]) await world.#addOrganisation(number, random);
    return world;
  }

  async close(): Promise<void> {
    await this.google.stop();
    await this.#changing;
    for (const instance of this.#instances) await instance?.close();
    await this.database.drop();
  }

  historyOf(organisation: Organisation, bookingId: string): BookingHistory {
    const history = organisation.bookings.get(bookingId) ?? new BookingHistory(bookingId);
    organisation.bookings.set(bookingId, history);
    return history;
  }

  /** A number that nobody else in this world gets. */
  next(): number {
    this.#numbers += 1;
    return this.#numbers;
  }

  isRunning(instance: 0 | 1): boolean {
    return this.#instances[instance] !== undefined;
  }

  start(instance: 0 | 1): Promise<void> {
    return this.#afterChanges(async () => {
      if (this.#instances[instance] !== undefined) return;
      const app = await createApp(this.settings);
      await app.listen(this.#ports[instance], '127.0.0.1');
      this.#instances[instance] = app;
    });
  }

  stop(instance: 0 | 1): Promise<void> {
    return this.#afterChanges(async () => {
      const app = this.#instances[instance];
      this.#instances[instance] = undefined;
      await app?.close();
    });
  }

  #afterChanges(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  /** Asks one of the instances that are up. Waits for one to come up. */
  async ask<Body = Record<string, unknown>>(
    key: string | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Heard<Body>> {
    const origin = await this.#origin();
    try {
      const answer = await fetch(origin + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== '';
      const { status } = answer;
      if (status >= 500 && status !== 503)
        this.problems.push(`${method} ${path} was answered ${status}: ${text}`);
      return { status, body: (isJson ? JSON.parse(text) : text) as Body };
    } catch {
      // The instance was stopped under it.
      return null;
    }
  }

  async #origin(): Promise<string> {
    for (;;) {
      const up = ([0, 1] as const).filter((instance) => this.isRunning(instance));
      const chosen = up[this.next() % Math.max(up.length, 1)];
      if (chosen !== undefined) return `http://127.0.0.1:${this.#ports[chosen]}`;
      await sleep(20);
    }
  }

  /** As somebody's own doing that has to work. */
  async must<Body>(
    key: string | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Body> {
    const answer = await this.ask<Body>(key, method, path, body);
    if (answer === null || answer.status >= 400)
      throw new Error(`${method} ${path} was answered ${JSON.stringify(answer)}`);
    return answer.body;
  }

  account(email: string): Account {
    return this.google.account(email) as Account;
  }

  /** The calendars that are the owner's own, in all accounts. */
  ownedCalendars(organisation: Organisation): OwnedCalendar[] {
    return organisation.emails.flatMap((email) =>
      this.account(email)
        .calendars()
        .filter(({ accessRole }) => accessRole === 'owner')
        .map(({ calendar }) => ({ organisation, email, calendar })),
    );
  }

  /** As a person would: consent page and back. @returns whether it was connected */
  async connect(organisation: Organisation, email: string, { adds }: { adds: boolean }): Promise<boolean> {
    organisation.isDisturbed = true;
    const begun = await this.ask<{ authUrl: string }>(
      organisation.key,
      'GET',
      `/api/tenant-calendar/auth-url${adds ? '?add=true' : ''}`,
    );
    if (begun?.status !== 200) return false;
    const browser = new OwnersBrowser(async (method, url, request) => {
      const heard = await fetch((await this.#origin()) + url.pathname + url.search, {
        ...{ method, redirect: 'manual', ...request },
      });
      return { status: heard.status, headers: Object.fromEntries(heard.headers), body: await heard.text() };
    });
    // Killed in the midst of it, the service leaves the owner without an answer.
    const page = await browser.connect(begun.body.authUrl, { email }).catch(() => null);
    organisation.isDisturbed = true;
    return page?.status === 200;
  }

  /**
   * The first has one of everything; the second two resources that share a calendar or have one each; the third two accounts, and reads what
   * it may only read, or may only see as busy.
   */
  async #addOrganisation(number: number, random: Random): Promise<void> {
    const zone = ZONES[number % ZONES.length] ?? 'UTC';
    const { id } = await this.must<{ id: string }>(ADMIN_KEY, 'POST', '/api/admin/tenants', {
      name: `Organisation ${number}`,
      timezone: zone,
    });
    const { key } = await this.must<{ key: string }>(ADMIN_KEY, 'POST', `/api/admin/tenants/${id}/api-keys`, {
      name: 'test',
      scopes: ['dashboard', 'agent'],
    });
    const weekly = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, start: '00:00', end: '24:00' }));
    await this.must(key, 'PUT', '/api/working-hours', { weekly, overrides: [] });
    const emails = [`owner${number}@acme.example`, `second${number}@acme.example`];
    for (const email of emails) this.google.addAccount({ email, timeZone: zone });
    const resources = (await this.must<{ items: { id: string }[] }>(key, 'GET', '/api/resources')).items;
    if (number === 1)
      resources.push(await this.must(key, 'POST', '/api/resources', { name: 'Second chair' }));
    const [service] = (await this.must<{ items: { id: string }[] }>(key, 'GET', '/api/services')).items;
    await this.must(key, 'PATCH', `/api/services/${service!.id}`, {
      durationMinutes: random.pick([30, 60, 60, 90]),
      bufferAfterMinutes: random.pick([0, 0, 15]),
      slotStepMinutes: STEP_MINUTES,
      maxAdvanceDays: 20,
      resourceIds: resources.map((resource) => resource.id),
    });
    const organisation: Organisation = {
      number,
      id,
      key,
      zone,
      resources: resources.map((resource) => ({ id: resource.id, hasChosen: false })),
      emails,
      bookings: new Map(),
      perhaps: new Set(),
      holds: [],
      isDisturbed: false,
    };
    this.organisations.push(organisation);
    await this.#arrangeCalendars(organisation, random);
    organisation.isDisturbed = false;
  }

  async #arrangeCalendars(organisation: Organisation, random: Random): Promise<void> {
    const { number, emails, key, resources, zone } = organisation;
    const [first, second] = emails as [string, string];
    const account = this.account(first);
    if (!(await this.connect(organisation, first, { adds: false }))) throw new Error('Not connected.');
    if (number === 0) return;
    if (number === 1) {
      account.addCalendar({ id: `room@acme.example`, summary: 'Room', timeZone: zone });
      if (random.chance(0.5)) return;
      const { room } = await this.choosable(organisation, (each) => ({
        room: each.find(({ isPrimary }) => !isPrimary)!,
      }));
      resources[1]!.hasChosen = true;
      await this.must(key, 'PATCH', `/api/resources/${resources[1]!.id}`, {
        calendars: { read: [room.id], write: room.id },
      });
      return;
    }
    const [neighbour] = this.organisations as [Organisation];
    this.account(second).addCalendar({
      id: neighbour.emails[0]!,
      summary: 'Neighbour',
      accessRole: 'freeBusyReader',
    });
    this.account(first).addCalendar({ id: `room@acme.example`, summary: 'Room', accessRole: 'reader' });
    await this.connect(organisation, second, { adds: true });
    const chosen = await this.choosable(organisation, (each) => ({
      read: each.filter(({ googleId }) => googleId !== 'room@acme.example').map((calendar) => calendar.id),
      write: random.pick(each.filter(({ canWrite }) => canWrite)).id,
    }));
    resources[0]!.hasChosen = true;
    await this.must(key, 'PATCH', `/api/resources/${resources[0]!.id}`, { calendars: chosen });
  }

  async choosable<Chosen>(organisation: Organisation, choose: (of: Choosable[]) => Chosen): Promise<Chosen> {
    return choose(await this.must<Choosable[]>(organisation.key, 'GET', '/api/tenant-calendar/calendars'));
  }
}

export interface Choosable {
  id: string;
  accountId: string;
  accountEmail: string;
  googleId: string;
  isPrimary: boolean;
  canWrite: boolean;
}

/** Any start of an appointment on those days. */
export function someStart(random: Random): number {
  const steps = (HOURS * 60) / STEP_MINUTES;
  return (
    FIRST_DAY + random.below(DAYS) * DAY + FIRST_HOUR * HOUR + random.below(steps) * STEP_MINUTES * MINUTE
  );
}

/** Any of those days. */
export function someDate(random: Random): string {
  return new Date(FIRST_DAY + random.below(DAYS) * DAY).toISOString().slice(0, 10);
}
