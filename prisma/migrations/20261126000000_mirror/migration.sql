-- A living mirror of every calendar: what blocks in it by event, how far it is synchronised, the channels by which Google tells
-- of changes, what of the owner's doing could not be followed, and what the events of bookings were when we last saw them.

-- How old the knowledge of a calendar may be before the policy for unreadable calendars applies.
ALTER TABLE tenant ADD COLUMN calendar_stale_after_minutes integer NOT NULL DEFAULT 60
  CHECK (calendar_stale_after_minutes BETWEEN 5 AND 1440);

-- ---------------------------------------------------------------------------------------------------------------------
-- What blocks, by event: a change of one event is a change of one row. Anew, since what the old table held was read without
-- the events' ids; the first synchronisation fills it.
-- ---------------------------------------------------------------------------------------------------------------------
DROP TABLE busy_block;
ALTER TABLE calendar NO FORCE ROW LEVEL SECURITY;
UPDATE calendar SET known_from = NULL, known_to = NULL, known_as_of = NULL;

CREATE TABLE busy_block (
  tenant_id   uuid NOT NULL,
  calendar_id uuid NOT NULL,
  event_id    text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 1100),
  -- The recurring event that this is an instance of.
  series_id   text,
  starts_at   timestamptz(3) NOT NULL,
  ends_at     timestamptz(3) NOT NULL,
  -- The booking whose event this is and that is not where the event is.
  booking_id  uuid,
  -- The full synchronisation that saw it last: once one is complete, what only others saw is gone.
  generation  uuid NOT NULL DEFAULT gen_random_uuid(),
  -- In this order, so that those of a calendar are not looked up in it without their times, which calls for reading them all.
  PRIMARY KEY (tenant_id, event_id, calendar_id),
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE,
  CHECK (starts_at < ends_at)
);
CREATE INDEX busy_block_by_start ON busy_block (tenant_id, calendar_id, starts_at) INCLUDE (ends_at);
CREATE INDEX busy_block_long ON busy_block (tenant_id, calendar_id, ends_at) INCLUDE (starts_at)
  WHERE ends_at - starts_at > interval '47 hours';
CREATE INDEX busy_block_by_series ON busy_block (tenant_id, calendar_id, series_id) WHERE series_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------------------------
-- How far each calendar is synchronised, and when that is due again. Whoever synchronises one holds the row's lease.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE calendar_sync (
  tenant_id     uuid NOT NULL,
  calendar_id   uuid NOT NULL,
  -- Null: everything has to be listed.
  sync_token    text,
  generation    uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Counts what was applied to the mirror: a reading from before the last of it is not.
  revision      bigint NOT NULL DEFAULT 0,
  -- 'infinity' while only the owner can help.
  due_at        timestamptz(3) NOT NULL DEFAULT now(),
  -- When somebody last knew of something new: a run that began before that is followed by another.
  requested_at  timestamptz(3),
  lease_until   timestamptz(3),
  failure       text,
  failing_since timestamptz(3),
  failures      integer NOT NULL DEFAULT 0,
  -- When a run last found something new.
  changed_at    timestamptz(3),
  push          text NOT NULL DEFAULT 'none' CHECK (push IN ('none', 'open', 'refused')),
  -- When it is next tried to open a channel, or to renew it.
  push_due_at   timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, calendar_id),
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE
);
CREATE INDEX calendar_sync_due ON calendar_sync (due_at);

-- A channel is stored before Google is asked for it, since its first message may come before Google's answer.
CREATE TABLE push_channel (
  tenant_id   uuid NOT NULL,
  id          text NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 64),
  calendar_id uuid NOT NULL,
  token_hash  bytea NOT NULL CHECK (length(token_hash) = 32),
  -- Where its messages are sent: where the service has moved since, it is replaced.
  address     text NOT NULL,
  -- Google's, without which a channel cannot be stopped; null until it is known.
  resource_id text,
  -- Null until Google has said.
  expires_at  timestamptz(3),
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE
);
CREATE INDEX push_channel_by_calendar ON push_channel (tenant_id, calendar_id);

-- Calendars of connected accounts that are kept in the mirror: those that a resource reads or writes, and those that hold
-- events of bookings to come.
CREATE FUNCTION mirrored_calendars(p_tenant uuid) RETURNS TABLE (calendar_id uuid) LANGUAGE sql STABLE AS $$
  SELECT k.id FROM calendar k
  JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id AND c.state <> 'disconnected'
  WHERE k.tenant_id = p_tenant AND (
    k.id IN (
      SELECT o.calendar_id FROM calendars_of_resources(p_tenant) o
      JOIN resource r ON r.tenant_id = p_tenant AND r.id = o.resource_id AND r.deleted_at IS NULL
      WHERE o.reads_conflicts OR o.writes_bookings)
    OR EXISTS (
      SELECT FROM event_write w
      WHERE w.tenant_id = p_tenant AND w.calendar_id = k.id AND w.event_id IS NOT NULL AND w.wanted = 'present'
        AND (w.content ->> 'endsAt')::timestamptz > now()))
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- What the owner did in Google that could not be followed: one row for a booking and an event that are in each other's way.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE calendar_conflict (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL DEFAULT gen_random_uuid(),
  kind        text NOT NULL CHECK (kind IN ('event_over_booking', 'booking_event_moved')),
  booking_id  uuid NOT NULL,
  calendar_id uuid NOT NULL,
  event_id    text NOT NULL,
  -- Why the booking could not follow its event; null for another event over a booking.
  reason      text CHECK (reason IN ('booked', 'not_a_time')),
  -- Of the event.
  starts_at   timestamptz(3),
  ends_at     timestamptz(3),
  detected_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz(3),
  -- 'cleared': they are not in each other's way any more.
  resolution  text CHECK (resolution IN ('cleared', 'dismissed', 'booking_kept', 'event_accepted', 'booking_cancelled')),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, booking_id, calendar_id, event_id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX calendar_conflict_open ON calendar_conflict (tenant_id, detected_at, id) WHERE resolved_at IS NULL;
CREATE INDEX calendar_conflict_by_age ON calendar_conflict (tenant_id, detected_at, id);
CREATE INDEX calendar_conflict_by_event ON calendar_conflict (tenant_id, calendar_id, event_id);

-- ---------------------------------------------------------------------------------------------------------------------
-- The events of bookings
-- ---------------------------------------------------------------------------------------------------------------------
ALTER TABLE event_write
  -- What of the content Google has, with the times that the owner may have given it since.
  ADD COLUMN written            jsonb,
  ADD COLUMN written_at         timestamptz(3),
  ADD COLUMN wanted_at          timestamptz(3) NOT NULL DEFAULT now(),
  -- When a synchronisation last saw it otherwise than we wrote it.
  ADD COLUMN look_requested_at  timestamptz(3),
  -- As what it was seen; null for what is gone.
  ADD COLUMN look_etag          text;
ALTER TABLE event_write NO FORCE ROW LEVEL SECURITY;
UPDATE event_write SET wanted_at = updated_at, written_at = updated_at,
  written = CASE WHEN written_version = version AND wanted = 'present' AND event_id IS NOT NULL THEN content END;
ALTER TABLE event_write FORCE ROW LEVEL SECURITY;
CREATE INDEX event_write_by_calendar ON event_write (tenant_id, calendar_id) WHERE event_id IS NOT NULL;

ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_action_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_action_check
  CHECK (action IN ('held', 'released', 'created', 'edited', 'rescheduled', 'cancelled', 'completed', 'no_show'));

-- ---------------------------------------------------------------------------------------------------------------------
-- Row-level security and rights
-- ---------------------------------------------------------------------------------------------------------------------
DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['busy_block', 'calendar_sync', 'push_channel', 'calendar_conflict'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY own_tenant ON %I TO receptionist_tenant
         USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', table_name);
  END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON busy_block, calendar_sync, push_channel, calendar_conflict TO receptionist_tenant;

-- Whoever takes the next due calendar in hand does not know yet whose it is, nor does whoever gets a message of Google's.
CREATE POLICY every_tenant ON calendar_sync TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, calendar_id, due_at, lease_until, failure, failing_since, push), UPDATE (lease_until)
  ON calendar_sync TO receptionist_system;
CREATE POLICY every_tenant ON push_channel TO receptionist_system USING (true);
GRANT SELECT ON push_channel TO receptionist_system;

-- What is connected already is mirrored from now on.
ALTER TABLE calendar_sync NO FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar_connection NO FORCE ROW LEVEL SECURITY;
INSERT INTO calendar_sync (tenant_id, calendar_id)
SELECT k.tenant_id, k.id FROM calendar k
JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id AND c.state <> 'disconnected'
WHERE k.access_role <> 'none';
ALTER TABLE calendar_connection FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar_sync FORCE ROW LEVEL SECURITY;
ALTER TABLE calendar FORCE ROW LEVEL SECURITY;

-- ---------------------------------------------------------------------------------------------------------------------
-- The hot path, as before but for the calendars' busy times.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE OR REPLACE FUNCTION availability_snapshot(
  p_tenant uuid, p_service uuid, p_resource uuid, p_from timestamptz, p_to timestamptz, p_except uuid
) RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_service   service;
  v_resources uuid[];
  v_connected boolean;
  v_full_days json;
  -- What bears on a start in the range: half a day or more to either side because of zones, a buffer before it (at most
  -- eight hours), the appointment and the buffer after it (at most a day and eight hours), the rest of its local day.
  v_from timestamptz := p_from - interval '2 days';
  v_to   timestamptz := p_to + interval '3 days';
BEGIN
  PERFORM enter_tenant(p_tenant);

  SELECT * INTO v_service FROM service s
  WHERE s.tenant_id = p_tenant AND s.active AND s.deleted_at IS NULL AND (p_service IS NULL OR s.id = p_service)
  ORDER BY s.created_at, s.id LIMIT 1;

  v_resources := ARRAY(
    SELECT r.id FROM service_resource sr
    JOIN resource r ON r.tenant_id = sr.tenant_id AND r.id = sr.resource_id
    WHERE sr.tenant_id = p_tenant AND sr.service_id = v_service.id AND r.active AND r.deleted_at IS NULL
      AND (p_resource IS NULL OR r.id = p_resource));

  IF v_service.max_per_day IS NOT NULL THEN
    SELECT json_agg(full_day.local_date) INTO v_full_days FROM (
      SELECT b.local_date FROM booking b
      WHERE b.tenant_id = p_tenant AND b.service_id = v_service.id AND b.status <> 'cancelled'
        AND b.local_date BETWEEN v_from::date AND v_to::date AND b.id IS DISTINCT FROM p_except
        AND (b.hold_expires_at IS NULL OR b.hold_expires_at > now())
      GROUP BY b.local_date HAVING count(*) >= v_service.max_per_day) full_day;
  END IF;

  v_connected := EXISTS (
    SELECT FROM calendar_connection c WHERE c.tenant_id = p_tenant AND c.state <> 'disconnected');

  RETURN (
    SELECT json_build_object(
      'timezone', t.timezone,
      'locale', t.locale,
      'unreadableCalendarPolicy', t.unreadable_calendar_policy,
      'calendarStaleAfterMinutes', t.calendar_stale_after_minutes,
      'workingHours', (
        SELECT json_build_object('weekly', h.weekly, 'overrides', h.overrides)
        FROM working_hours h WHERE h.tenant_id = p_tenant),
      'holidays', coalesce((
        SELECT json_agg(d.date) FROM holiday d
        -- Hours of the date before may run on into the range.
        WHERE d.tenant_id = p_tenant AND d.date BETWEEN v_from::date - 1 AND v_to::date), '[]'),
      'service', CASE WHEN v_service.id IS NOT NULL THEN json_build_object(
        'id', v_service.id, 'name', v_service.name, 'description', v_service.description,
        'durationMinutes', v_service.duration_minutes,
        'bufferBeforeMinutes', v_service.buffer_before_minutes, 'bufferAfterMinutes', v_service.buffer_after_minutes,
        'slotStepMinutes', v_service.slot_step_minutes, 'minNoticeMinutes', v_service.min_notice_minutes,
        'maxAdvanceDays', v_service.max_advance_days, 'maxPerDay', v_service.max_per_day) END,
      'fullDays', coalesce(v_full_days, '[]'),
      'resources', coalesce((
        SELECT json_agg(json_build_object(
          'id', r.id, 'name', r.name, 'timezone', r.timezone, 'workingHours', r.working_hours,
          'timeOff', (
            SELECT json_agg(json_build_object('start', epoch_ms(o.starts_at), 'end', epoch_ms(o.ends_at)))
            FROM time_off o
            WHERE o.tenant_id = p_tenant AND o.resource_id = r.id AND o.ends_at > v_from AND o.starts_at < v_to))
          ORDER BY r.created_at, r.id)
        FROM resource r WHERE r.tenant_id = p_tenant AND r.id = ANY (v_resources)), '[]'),
      'booked', coalesce((
        SELECT json_agg(json_build_object(
          'resourceId', b.resource_id, 'start', epoch_ms(lower(b.blocked)), 'end', epoch_ms(upper(b.blocked))))
        FROM booking b
        -- No booking blocks more than forty hours (duration and buffers have their limits), so those that reach into the
        -- range begin near it.
        WHERE b.tenant_id = p_tenant AND b.resource_id = ANY (v_resources)
          AND b.starts_at >= v_from - interval '2 days' AND b.starts_at < v_to + interval '1 day'
          AND b.blocked && tstzrange(v_from, v_to)
          AND b.status IN ('held', 'pending', 'confirmed') AND b.id IS DISTINCT FROM p_except
          AND (b.hold_expires_at IS NULL OR b.hold_expires_at > now())), '[]'),
      'calendars', CASE WHEN v_connected THEN coalesce((
        SELECT json_agg(json_build_object(
          'id', k.id, 'resourceIds', used.resource_ids, 'googleId', k.google_id, 'connectionId', k.connection_id,
          'connectionState', used.connection_state,
          'knownFrom', epoch_ms(k.known_from), 'knownTo', epoch_ms(k.known_to), 'knownAsOf', epoch_ms(k.known_as_of),
          'busy', (
            SELECT json_agg(json_build_object('start', epoch_ms(u.starts_at), 'end', epoch_ms(u.ends_at)))
            FROM (
              -- Those that are not long begin near the range that they reach into; there are few others.
              SELECT s.starts_at, s.ends_at FROM busy_block s
              WHERE s.tenant_id = p_tenant AND s.calendar_id = k.id
                AND s.starts_at >= v_from - interval '2 days' AND s.starts_at < v_to AND s.ends_at > v_from
              UNION ALL
              SELECT l.starts_at, l.ends_at FROM busy_block l
              WHERE l.tenant_id = p_tenant AND l.calendar_id = k.id AND l.ends_at - l.starts_at > interval '47 hours'
                AND l.starts_at < v_from - interval '2 days' AND l.ends_at > v_from) u)))
        FROM (
          SELECT c.calendar_id, c.connection_state, json_agg(c.resource_id) AS resource_ids
          FROM calendars_of_resources(p_tenant, v_resources) c
          WHERE c.reads_conflicts
          GROUP BY c.calendar_id, c.connection_state) used
        JOIN calendar k ON k.tenant_id = p_tenant AND k.id = used.calendar_id), '[]') ELSE '[]'::json END)
    FROM tenant t WHERE t.id = p_tenant);
END
$$;
