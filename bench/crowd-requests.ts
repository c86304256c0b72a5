/*
 * What the tenants of a crowd (test/support/many-bookings.ts) ask the service for, one of them at random after the other.
 */
import type { Request } from 'autocannon';
import type { BenchDatabase } from './bench-server.js';

const DAY = 86_400_000;
/** Beyond the holidays and the time off that the crowd has. */
const FIRST_DAY = 170;
const DAYS = 190;
/** Of the day in UTC, such that a day's eight appointments lie within the hours from eight to six there. */
const FIRST_HOUR: Record<string, number> = { 'America/New_York': 14, 'Europe/Berlin': 8, 'Asia/Tokyo': 0 };
const HOURS = 8;

interface Caller {
  tenant: string;
  timezone: string;
  prefix: string;
}

export class CrowdRequests {
  readonly #booked = new Map<string, number>();
  readonly #callers: readonly Caller[];

  private constructor(callers: readonly Caller[]) {
    this.#callers = callers;
  }

  static async of({ query }: BenchDatabase): Promise<CrowdRequests> {
    return new CrowdRequests(
      await query<Caller>(
        'SELECT k.tenant_id AS tenant, t.timezone, k.prefix FROM api_key k JOIN tenant t ON t.id = k.tenant_id',
      ),
    );
  }

  /** The next seven days. */
  availability(): Request {
    return { method: 'GET', path: '/api/availability', headers: authorization(this.#somebody()) };
  }

  /** The next hour of that tenant that nobody has. */
  booking(): Request {
    const caller = this.#somebody();
    const count = this.#booked.get(caller.tenant) ?? 0;
    this.#booked.set(caller.tenant, count + 1);
    const midnight =
      Math.floor(Date.now() / DAY) * DAY + (FIRST_DAY + (Math.floor(count / HOURS) % DAYS)) * DAY;
    const hour = (FIRST_HOUR[caller.timezone] ?? 0) + (count % HOURS);
    return {
      method: 'POST',
      path: '/api/bookings',
      headers: { ...authorization(caller), 'content-type': 'application/json' },
      body: JSON.stringify({
        startsAt: new Date(midnight + hour * 3_600_000).toISOString(),
        name: 'Ann',
        phone: '+15005550006',
      }),
    };
  }

  #somebody(): Caller {
    const caller = this.#callers[Math.floor(Math.random() * this.#callers.length)];
    if (caller === undefined) throw new Error('There is nobody in the crowd.');
    return caller;
  }
}

function authorization({ prefix }: Caller): Record<string, string> {
  return { authorization: `Bearer rcal_${prefix}_${'k'.repeat(43)}` };
}
