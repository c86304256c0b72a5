import { randomUUID } from 'node:crypto';
import type { EventContent } from '../../src/calendar/event-writer.js';
import { EventWriter } from '../../src/calendar/event-writer.js';
import type { StandInCalendar } from '../../src/local/google-stand-in/google-stand-in.js';
import { Database } from '../../src/platform/database/database.js';
import { asTenantId, type TenantId } from '../../src/platform/database/tenant-id.js';
import { aTenant, connectGoogle, type TestApp, type TestTenant } from '../support/test-app.js';

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

/** Wants an event for a booking, in a transaction as the booking's own. @returns the booking's id */
export async function want(
  { app }: Pick<TestApp, 'app'>,
  tenant: TenantId,
  content = someContent(),
  bookingId: string = randomUUID(),
): Promise<string> {
  await app
    .get(Database)
    .inTenant(tenant, (sql) => app.get(EventWriter).want(sql, tenant, bookingId, content));
  return bookingId;
}

export async function unwant(
  { app }: Pick<TestApp, 'app'>,
  tenant: TenantId,
  bookingId: string,
): Promise<void> {
  await app.get(Database).inTenant(tenant, (sql) => app.get(EventWriter).unwant(sql, tenant, bookingId));
}
