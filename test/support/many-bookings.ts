/*
 * Fills a database with organisations and their bookings, as fast as SQL can: for tests of query plans and for the
 * benchmark of growth. Imports nothing, so that a program which Node runs as it is can use it, too.
 */

export interface Crowd {
  tenants: number;
  /** Of each tenant, over two resources. No two overlap: each has one a day, half of them before today. */
  bookingsEach: number;
  /** Of each tenant: `keyOf(0)`, `keyOf(1)` and so on, those of one tenant in a row. */
  keysEach: number;
  /**
   * Blocks in the mirrored calendar of each tenant, which Google does not let us read any longer; 0 for tenants without
   * a calendar.
   */
  busyBlocksEach: number;
}

/** The API key with this number. */
export function keyOf(number: number): string {
  return `rcal_${number.toString(16).padStart(12, '0')}_${'k'.repeat(43)}`;
}

/**
 * @param query as a superuser: row-level security is not for this
 * @param firstKey the number of the first API key that is made
 */
export async function addCrowd(
  query: (text: string, values: unknown[]) => Promise<unknown>,
  { tenants, bookingsEach, keysEach, busyBlocksEach }: Crowd,
  firstKey = 0,
): Promise<void> {
  await query(EVERYTHING, [tenants, bookingsEach, keysEach, busyBlocksEach, firstKey]);
  for (const table of TABLES) await query(`ANALYZE ${table}`, []);
}

const TABLES = [
  'tenant',
  'api_key',
  'resource',
  'service',
  'service_resource',
  'working_hours',
  'holiday',
  'time_off',
  'booking',
  'event_write',
  'audit_entry',
  'calendar_connection',
  'calendar',
  'busy_block',
];

/** One statement, so that foreign keys are looked at when everything is there. */
const EVERYTHING = `
  WITH organisation AS (
    INSERT INTO tenant (name, timezone)
    SELECT 'Organisation ' || i, (ARRAY['America/New_York', 'Europe/Berlin', 'Asia/Tokyo'])[1 + i % 3]
    FROM generate_series(1, $1::integer) i RETURNING id, timezone),
  numbered AS (SELECT id, timezone, row_number() OVER (ORDER BY id) - 1 AS n FROM organisation),
  keys AS (
    INSERT INTO api_key (tenant_id, name, prefix, secret_hash, scopes)
    SELECT id, 'crowd', prefix, sha256(convert_to('rcal_' || prefix || '_' || repeat('k', 43), 'UTF8')), '{dashboard,agent}'
    FROM numbered, generate_series(0, $3::integer - 1) k,
      lpad(to_hex($5::bigint + n * $3 + k), 12, '0') AS prefix),
  staff AS (
    INSERT INTO resource (tenant_id, name) SELECT id, 'Chair ' || k FROM numbered, generate_series(1, 2) k
    RETURNING tenant_id, id),
  offer AS (
    INSERT INTO service (tenant_id, name, duration_minutes, slot_step_minutes) SELECT id, 'Appointment', 60, 60 FROM numbered
    RETURNING tenant_id, id),
  given AS (
    INSERT INTO service_resource (tenant_id, service_id, resource_id)
    SELECT tenant_id, offer.id, staff.id FROM staff JOIN offer USING (tenant_id)),
  hours AS (
    INSERT INTO working_hours (tenant_id, weekly)
    SELECT id, (SELECT jsonb_agg(jsonb_build_object('day', d, 'start', '08:00', 'end', '18:00')) FROM generate_series(1, 7) d)
    FROM numbered),
  closed AS (
    INSERT INTO holiday (tenant_id, date, name) SELECT id, current_date + 30 * k, 'Holiday' FROM numbered, generate_series(1, 5) k),
  away AS (
    INSERT INTO time_off (tenant_id, resource_id, starts_at, ends_at)
    SELECT tenant_id, id, now() + k * interval '40 days', now() + k * interval '40 days' + interval '2 days'
    FROM staff, generate_series(1, 2) k),
  appointment AS (
    INSERT INTO booking (tenant_id, reference, resource_id, service_id, status, starts_at, ends_at, blocked, timezone,
      local_date, customer_name, phone, source)
    SELECT staff.tenant_id, staff.id::text || k, staff.id, offer.id, 'confirmed', at, at + interval '1 hour',
      tstzrange(at, at + interval '1 hour'), o.timezone, (at AT TIME ZONE o.timezone)::date, 'Ann Lee',
      '+1500' || lpad(((n * 7919 + k) % 10000000)::text, 7, '0'), 'agent'
    FROM staff JOIN offer USING (tenant_id) JOIN numbered o ON o.id = staff.tenant_id,
      generate_series(0, $2::integer / 2 - 1) k,
      LATERAL (SELECT date_trunc('day', now()) + (k - $2 / 4) * interval '1 day' + (14 + (k + n) % 7) * interval '1 hour') s (at)
    RETURNING tenant_id, id, resource_id),
  event AS (
    INSERT INTO event_write (tenant_id, booking_id, resource_id, wanted, content, state)
    SELECT tenant_id, id, resource_id, 'present', '{"summary": "Ann Lee"}', 'not_connected' FROM appointment),
  trail AS (
    INSERT INTO audit_entry (tenant_id, booking_id, action, actor_kind)
    SELECT tenant_id, id, 'created', 'api_key' FROM appointment),
  account AS (
    INSERT INTO calendar_connection (tenant_id, account_sub, account_email, scopes, state)
    SELECT id, id::text, 'owner@example.com', '{}', 'needs_reconnect' FROM numbered WHERE $4::integer > 0 RETURNING tenant_id, id),
  mirrored AS (
    INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone, reads_conflicts, writes_bookings)
    SELECT tenant_id, id, 'owner@example.com', 'Calendar', 'UTC', true, true FROM account RETURNING tenant_id, id)
  INSERT INTO busy_block (tenant_id, calendar_id, event_id, starts_at, ends_at)
  SELECT tenant_id, id, 'event' || k, now() + k * interval '9 hours', now() + k * interval '9 hours' + interval '1 hour'
  FROM mirrored, generate_series(1, $4::integer) k`;
