import type { Availability, OfferedSlot } from '../../src/booking/availability/availability.service.js';
import { addDays, startOfDay } from '../../src/booking/engine/zoned-time.js';
import type { ResourceCalendar, ServiceRules, Slot } from '../../src/booking/engine/slot-finder.js';
import type { GoogleStandIn } from '../../src/local/google-stand-in/google-stand-in.js';
import { clockIn, slotsByOracle } from '../engine/slot-oracle.js';
import type { ServiceProcess } from '../support/service-process.js';
import { aTenant, type Answer, connectGoogle, type TestTenant } from '../support/test-app.js';
import { DATES, type ResourceDraft, type ServiceDraft, type World } from './world-arbitrary.js';

const MINUTE = 60_000;
const MOST_ADVANCE_DAYS = 730;

type Described = ServiceDraft & { id: string };
/** A booking or a hold. */
interface Taken {
  serviceId: string;
  resourceId: string;
  startsAt: string;
  endsAt: string;
}

/** An organisation that was set up as the world says, through the routes of the dashboard. */
export class ArrangedWorld {
  readonly #taken: Taken[] = [];

  private constructor(
    private readonly service: ServiceProcess,
    private readonly world: World,
    readonly tenant: TestTenant,
    readonly resources: readonly (ResourceDraft & { id: string })[],
    /** What is asked for, and what else there is. */
    readonly services: readonly [Described, Described],
  ) {}

  static async arrange(service: ServiceProcess, google: GoogleStandIn, world: World): Promise<ArrangedWorld> {
    const tenant = await aTenant(service, { timezone: world.timezone });
    const ask = async <Body>(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: object) =>
      expectSuccess(await service.request<Body>(method, path, { key: tenant.key, body }));
    await ask('PUT', '/api/working-hours', world.workingHours);
    await ask('PUT', '/api/holidays', {
      holidays: world.holidays.map((date) => ({ date, name: 'Holiday' })),
    });
    const { items } = await ask<{ items: { id: string }[] }>('GET', '/api/resources');
    const resources: (ResourceDraft & { id: string })[] = [];
    for (const [index, draft] of world.resources.entries()) {
      const { timezone, workingHours } = draft;
      const there = items[index];
      const { id } =
        there === undefined
          ? await ask<{ id: string }>('POST', '/api/resources', { name: 'Room', timezone, workingHours })
          : await ask<{ id: string }>('PATCH', `/api/resources/${there.id}`, { timezone, workingHours });
      for (const block of draft.timeOff) {
        const { start, end } = during(world, block);
        await ask('POST', `/api/resources/${id}/time-off`, {
          startsAt: new Date(start).toISOString(),
          endsAt: new Date(end).toISOString(),
        });
      }
      resources.push({ ...draft, id });
    }
    const offer = async (draft: ServiceDraft): Promise<Described> => {
      const resourceIds = resources.map(({ id }) => id);
      const made = { ...draft, name: 'Visit', maxAdvanceDays: MOST_ADVANCE_DAYS, resourceIds };
      return { ...draft, ...(await ask<{ id: string }>('POST', '/api/services', made)) };
    };
    const services = [await offer(world.service), await offer(world.otherService)] as const;
    if (world.events !== null) {
      const email = `owner@${tenant.id}.example`;
      const account = google.addAccount({ email, timeZone: world.timezone });
      for (const block of world.events) {
        const { start, end } = during(world, block);
        account.calendar().addEvent({
          start: { dateTime: new Date(start).toISOString() },
          end: { dateTime: new Date(end).toISOString() },
        });
      }
      // Whatever is asked from now on: what is not mirrored yet is read.
      await connectGoogle({ request: service.request, google }, tenant, email);
    }
    return new ArrangedWorld(service, world, tenant, resources, services);
  }

  get range(): { from: number; to: number } {
    const { timezone, date } = this.world;
    return { from: startOfDay(date, timezone), to: startOfDay(addDays(date, DATES), timezone) };
  }

  /** What is offered on the world's dates. */
  async availability(serviceId: string, resourceId?: string): Promise<Availability> {
    const { date } = this.world;
    const query = new URLSearchParams({ from: date, to: addDays(date, DATES - 1), serviceId });
    if (resourceId !== undefined) query.set('resourceId', resourceId);
    return expectSuccess(
      await this.service.request<Availability>('GET', `/api/availability?${query.toString()}`, {
        key: this.tenant.key,
      }),
    );
  }

  /** What should be offered of the first service at `now`, each start once. */
  expected(now: number, resourceId?: string): { start: number; end: number }[] {
    const resources = this.resources.filter(({ id }) => resourceId === undefined || id === resourceId);
    const [service] = this.services;
    const slots = slotsByOracle(
      {
        now,
        ...this.range,
        rules: { ...service, maxAdvanceDays: MOST_ADVANCE_DAYS } satisfies ServiceRules,
        resources: resources.map((resource) => this.#calendarOf(resource)),
      },
      this.world.holidays,
    );
    const ends = new Map(slots.map(({ start, end }: Slot) => [start, end]));
    return [...ends].map(([start, end]) => ({ start, end }));
  }

  #calendarOf({ id, timezone, workingHours, timeOff }: ResourceDraft & { id: string }): ResourceCalendar {
    const [{ id: serviceId, maxPerDay }] = this.services;
    const booked = this.#taken
      .filter(({ resourceId }) => resourceId === id)
      .map((taken) => {
        const given = this.services.find((service) => service.id === taken.serviceId) ?? this.services[0];
        const start = Date.parse(taken.startsAt);
        return {
          start: start - given.bufferBeforeMinutes * MINUTE,
          end: start + (given.durationMinutes + given.bufferAfterMinutes) * MINUTE,
        };
      });
    const perDate = Map.groupBy(
      this.#taken.filter((taken) => taken.serviceId === serviceId),
      (taken) => this.#localDate(taken),
    );
    const isFull = (taken: unknown[]): boolean => maxPerDay !== null && taken.length >= maxPerDay;
    return {
      resourceId: id,
      timezone: timezone ?? this.world.timezone,
      workingHours: workingHours ?? this.world.workingHours,
      timeOff: timeOff.map((block) => during(this.world, block)),
      busy: (this.world.events ?? []).map((block) => during(this.world, block)),
      booked,
      fullDays: [...perDate].flatMap(([date, taken]) => (isFull(taken) ? [date] : [])),
    };
  }

  #localDate({ resourceId, startsAt }: Taken): string {
    const zone = this.resources.find(({ id }) => id === resourceId)?.timezone ?? this.world.timezone;
    return clockIn(zone)(Date.parse(startsAt) / MINUTE).slice(0, 10);
  }

  /** Asks for a time and remembers who has it now. */
  async book(body: object): Promise<Answer<Taken & { code?: string; reason?: string }>> {
    return this.#take('/api/bookings', { ...body, name: 'Ana', phone: '+14155550123' });
  }

  async hold(body: object): Promise<Answer<Taken & { id: string }>> {
    return this.#take('/api/holds', { ...body, ttlSeconds: 900 });
  }

  /** A hold that becomes a booking is the same time once. */
  async bookHeld(holdId: string): Promise<number> {
    const { status } = await this.service.request('POST', '/api/bookings', {
      key: this.tenant.key,
      body: { holdId, name: 'Ana', phone: '+14155550123' },
    });
    return status;
  }

  async #take<Body extends Taken>(path: string, body: object): Promise<Answer<Body>> {
    const answer = await this.service.request<Body>('POST', path, { key: this.tenant.key, body });
    if (answer.status === 201) this.#taken.push(answer.body);
    return answer;
  }
}

/** What a client may say to have the slot. */
export function waysToAsk(slot: OfferedSlot, serviceId: string, resourceId?: string): object[] {
  const { slotId, startsAt } = slot;
  return [{ slotId }, { startsAt, serviceId, ...(resourceId === undefined ? {} : { resourceId }) }];
}

function during({ date }: World, [start, minutes]: [number, number]): { start: number; end: number } {
  const from = Date.parse(date) + start * MINUTE;
  return { start: from, end: from + minutes * MINUTE };
}

function expectSuccess<Body>({ status, body }: Answer<Body>): Body {
  if (status >= 400) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}
