import type { Availability } from '../../src/booking/availability/availability.service.js';
import type { BookingView } from '../../src/booking/booking.js';
import type { DescribedResource } from '../../src/booking/schedule/described-resource.js';
import type { OfferedService } from '../../src/booking/schedule/offered-service.js';
import { aTenant, type Answer, type TestApp, type TestTenant } from '../support/test-app.js';

/** An answer that may as well be a refusal. */
export type Refusable<Body> = Body & {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
};
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** A tenant of a test, with what it says and hears in JSON. */
export interface DescribedTenant extends TestTenant {
  ask<Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer<Refusable<Body>>>;
  addService(body?: object): Promise<OfferedService>;
  addResource(body?: object): Promise<DescribedResource>;
  /** The one that each tenant starts with. */
  firstService(): Promise<OfferedService>;
  firstResource(): Promise<DescribedResource>;
  /** The local times at which something can be booked on a date: `['09:00', '10:00']`. */
  offered(date: string, query?: string): Promise<string[]>;
  book(startsAt: string, body?: object): Promise<Answer<Refusable<BookingView>>>;
}

export async function aDescribedTenant(
  app: TestApp,
  timezone = 'America/New_York',
): Promise<DescribedTenant> {
  const tenant = await aTenant(app, { timezone });
  let callers = 0;
  const ask: DescribedTenant['ask'] = (method, path, body) =>
    app.request(method, path, { key: tenant.key, body });
  const made = async <Body>(path: string, body: object): Promise<Body> => {
    const answer = await ask<Body>('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const first = async <Item>(path: string): Promise<Item> =>
    (await ask<Page<Item>>('GET', path)).body.items[0]!;
  return {
    ...tenant,
    ask,
    addService: (body = {}) => made('/api/services', { name: 'Check-up', durationMinutes: 60, ...body }),
    addResource: (body = {}) => made('/api/resources', { name: 'Dr. Reyes', ...body }),
    firstService: () => first('/api/services'),
    firstResource: () => first('/api/resources'),
    offered: async (date, query = '') => {
      const { body } = await ask<Availability>('GET', `/api/availability?date=${date}&${query}`);
      return body.slots.map(({ startsAt }) => startsAt.slice(11, 16));
    },
    book: (startsAt, body = {}) => {
      callers += 1;
      const phone = `+1415555${String(callers).padStart(4, '0')}`;
      return ask<BookingView>('POST', '/api/bookings', { startsAt, name: 'Ana Flores', phone, ...body });
    },
  };
}

/** The fields that a request was refused for. */
export const fieldsOf = ({ body }: Answer<Refusable<unknown>>): string[] =>
  (body.errors ?? []).map(({ field }) => field);

/**
 * The same, but for what is inside of `field`: where the items of a list are of the wrong kind, both the list and the items
 * are named.
 */
export const namesIn = (answer: Answer<Refusable<unknown>>, field: string): string[] => [
  ...new Set(
    fieldsOf(answer).map((name) =>
      /^[.[]/.test(name.slice(field.length)) && name.startsWith(field) ? field : name,
    ),
  ),
];
