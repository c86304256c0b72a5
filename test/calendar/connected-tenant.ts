import { randomUUID } from 'node:crypto';
import {
  CalendarReader,
  type CalendarKnowledge,
  type ConflictCalendar,
} from '../../src/calendar/calendar-reader.js';
import type { EventContent } from '../../src/calendar/event-writer.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import type { StandInAccount, StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId, type TenantId } from '../../src/platform/database/tenant-id.js';
import { Deadline } from '../../src/platform/deadline.js';
import { aTenant, connectGoogle, ownersBrowser, type TestApp, type TestTenant } from '../support/test-app.js';

export interface ConnectedTenant extends TestTenant {
  tenant: TenantId;
  email: string;
  calendar: StandInCalendar;
}

let accounts = 0;

/** A tenant whose owner has connected a Google account of its own. */
export async function aConnectedTenant(service: TestApp, email?: string): Promise<ConnectedTenant> {
  accounts += 1;
  const address = email ?? `owner${accounts}@acme.example`;
  const made = await aTenant(service);
  service.google.addAccount({ email: address, timeZone: 'America/New_York' });
  const page = await connectGoogle(service, made, address);
  if (page.status !== 200) throw new Error(`Not connected: ${page.body}`);
  return {
    ...made,
    tenant: asTenantId(made.id),
    email: address,
    calendar: service.google.account(address).calendar(),
  };
}

/** Half past ten UTC in `days` days, for half an hour. */
export function someContent({
  days = 7,
  ...changes
}: Partial<EventContent> & { days?: number } = {}): EventContent {
  const date = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  return {
    summary: 'Consultation: Ana Flores',
    description: 'Phone: +14155550123',
    startsAt: `${date}T10:30:00.000Z`,
    endsAt: `${date}T11:00:00.000Z`,
    timezone: 'America/New_York',
    ...changes,
  };
}

/** The tenant's first resource, or another one that is made for it. */
export async function aResource(
  { database }: Pick<TestApp, 'database'>,
  tenant: TenantId,
  name?: string,
): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    name === undefined
      ? `SELECT id FROM resource WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1`
      : `INSERT INTO resource (tenant_id, name) VALUES ($1, $2) RETURNING id`,
    name === undefined ? [tenant] : [tenant, name],
  );
  if (row === undefined) throw new Error('The tenant has no resource.');
  return row.id;
}

/** Wants an event for a booking, in a transaction as the booking's own. @returns the booking's id */
export async function want(
  { app, database }: Pick<TestApp, 'app' | 'database'>,
  tenant: TenantId,
  content = someContent(),
  { id = randomUUID(), resourceId }: { id?: string; resourceId?: string } = {},
): Promise<string> {
  const booking = { id, resourceId: resourceId ?? (await aResource({ database }, tenant)) };
  await app.get(Database).inTenant(tenant, (sql) => app.get(EventWriter).want(sql, tenant, booking, content));
  return id;
}

/** Connects one more account beside those there are. */
export async function connectAnother(
  { request, google }: Pick<TestApp, 'request' | 'google'>,
  tenant: TestTenant,
  email: string,
): Promise<StandInAccount> {
  const account = google.addAccount({ email, timeZone: 'America/New_York' });
  const { body } = await request<{ authUrl: string }>('GET', '/api/tenant-calendar/auth-url?add=true', {
    key: tenant.key,
  });
  const page = await ownersBrowser({ request }).connect(body.authUrl, { email });
  if (page.status !== 200) throw new Error(`Not connected: ${page.body}`);
  return account;
}

/** The calendars that the tenant's resources read for conflicts, as an availability answer hands them to the reader. */
export async function conflictCalendars(
  { database }: Pick<TestApp, 'database'>,
  tenant: TenantId,
): Promise<ConflictCalendar[]> {
  const rows = await database.query<ConflictCalendar & { from: Date | null; to: Date; asOf: Date }>(
    `SELECT k.id, k.google_id AS "googleId", k.connection_id AS "connectionId", o.connection_state AS "connectionState",
       k.known_from AS "from", k.known_to AS "to", k.known_as_of AS "asOf",
       coalesce((SELECT json_agg(json_build_object('start', epoch_ms(u.starts_at), 'end', epoch_ms(u.ends_at)))
         FROM busy_block u WHERE u.tenant_id = $1 AND u.calendar_id = k.id), '[]') AS "lastBusy"
     FROM (SELECT DISTINCT calendar_id, connection_state FROM calendars_of_resources($1) WHERE reads_conflicts) o
     JOIN calendar k ON k.tenant_id = $1 AND k.id = o.calendar_id ORDER BY k.google_id, k.id`,
    [tenant],
  );
  return rows.map(({ from, to, asOf, ...calendar }) => ({
    ...calendar,
    lastKnown: from === null ? null : { from: +from, to: +to, asOf: +asOf },
  }));
}

/**
 * What is known of each of these calendars in a window, by its id. Unless said otherwise Google is asked once more, as before a booking:
 * `fresh` is then what was read just now, and what could not be read is `stale` at best.
 */
export async function readCalendars(
  service: Pick<TestApp, 'app' | 'database'>,
  tenant: TenantId,
  window: { from: number; to: number },
  { live = true, withinMs = 1500, staleAfterMs = 3_600_000 } = {},
): Promise<Map<string, CalendarKnowledge>> {
  const calendars = await conflictCalendars(service, tenant);
  const deadline = Deadline.in(withinMs);
  return service.app
    .get(CalendarReader)
    .readBusy(tenant, calendars, window, deadline, { staleAfterMs, live });
}

export async function unwant(
  { app }: Pick<TestApp, 'app'>,
  tenant: TenantId,
  bookingId: string,
): Promise<void> {
  await app.get(Database).inTenant(tenant, (sql) => app.get(EventWriter).unwant(sql, tenant, bookingId));
}
