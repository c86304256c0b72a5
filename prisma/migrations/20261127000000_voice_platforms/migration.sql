-- Voice platforms: a credential for each platform that an organisation runs its receptionist on.

-- ---------------------------------------------------------------------------------------------------------------------
-- Agent connections. The platform's address names the connection, its secret authenticates it, the tenant follows from it:
-- so they are looked up before a tenant is known and, like API keys, belong to the system's side.
-- Secrets are ciphertexts (TOKEN_ENCRYPTION_KEYS): checking a signature needs the secret itself.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE agent_connection (
  tenant_id             uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id                    uuid NOT NULL UNIQUE,
  platform              text NOT NULL CHECK (platform ~ '^[a-z][a-z0-9_]{1,31}$'),
  name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  key_id                text NOT NULL,
  secret                text NOT NULL,
  -- The one before the last rotation, while the platform may still use it.
  previous_secret       text,
  previous_secret_until timestamptz(3),
  -- With which the platform signs webhooks, where that is another one.
  webhook_secret        text,
  -- Empty: everything of the tenant.
  service_ids           uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(service_ids) <= 200),
  resource_ids          uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(resource_ids) <= 200),
  locale                text CHECK (length(locale) BETWEEN 2 AND 35),
  created_at            timestamptz(3) NOT NULL DEFAULT now(),
  rotated_at            timestamptz(3),
  last_used_at          timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
);

ALTER TABLE agent_connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_connection FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON agent_connection TO receptionist_tenant
  USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY every_tenant ON agent_connection TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_connection TO receptionist_system;

ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_actor_kind_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_actor_kind_check
  CHECK (actor_kind IN ('api_key', 'agent_connection', 'dashboard_user', 'system'));

-- ---------------------------------------------------------------------------------------------------------------------
-- What callers are told of an organisation. It describes itself: so its own role may change this, and nothing else, of it.
-- ---------------------------------------------------------------------------------------------------------------------
ALTER TABLE tenant
  ADD COLUMN address text CHECK (length(address) BETWEEN 1 AND 500),
  ADD COLUMN phone   text CHECK (phone ~ '^\+\d{6,15}$'),
  ADD COLUMN email   text CHECK (length(email) BETWEEN 3 AND 320),
  ADD COLUMN website text CHECK (length(website) BETWEEN 1 AND 500),
  ADD COLUMN note    text CHECK (length(note) BETWEEN 1 AND 1000);
GRANT UPDATE (address, phone, email, website, note, updated_at) ON tenant TO receptionist_tenant;

-- ---------------------------------------------------------------------------------------------------------------------
-- For whom a time is held: a hash of the conversation that asked for it. Its own holds do not stand in its way.
-- ---------------------------------------------------------------------------------------------------------------------
ALTER TABLE booking ADD COLUMN held_for text CHECK (length(held_for) = 43);
ALTER TABLE booking ADD CHECK (held_for IS NULL OR status = 'held');
CREATE INDEX booking_held_for ON booking (tenant_id, held_for) WHERE held_for IS NOT NULL;

-- As before, but for `p_held_for`: whose holds neither block nor count. They are last among the locks of `claim_time`: its
-- caller gives those up that are in the way, in the same transaction, once it has the time.
DROP FUNCTION claim_time(uuid, uuid, uuid[], date[], tstzrange, tstzrange, uuid, uuid);
CREATE FUNCTION claim_time(
  p_tenant uuid, p_service uuid, p_candidates uuid[], p_dates date[], p_blocked tstzrange, p_week tstzrange,
  p_preferred uuid, p_except uuid, p_held_for text DEFAULT NULL,
  OUT resource_id uuid, OUT refusal text
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_most integer;
BEGIN
  SELECT s.max_per_day INTO v_most FROM service s
  WHERE s.tenant_id = p_tenant AND s.id = p_service AND s.active AND s.deleted_at IS NULL;
  IF NOT FOUND THEN
    refusal := 'not_offered';
    RETURN;
  END IF;
  IF v_most IS NOT NULL OR cardinality(p_candidates) > 1 THEN
    PERFORM lock_assignment(p_tenant);
  END IF;
  PERFORM FROM resource r
  WHERE r.tenant_id = p_tenant AND r.id = ANY (p_candidates) ORDER BY r.id FOR NO KEY UPDATE;

  -- A hold that has run out does not block, whether or not anybody has swept it away.
  DELETE FROM booking b
  WHERE b.tenant_id = p_tenant AND b.resource_id = ANY (p_candidates) AND b.status = 'held'
    AND b.hold_expires_at <= clock_timestamp() AND b.blocked && p_blocked;

  SELECT c.id, CASE WHEN v_most <= (
      SELECT count(*) FROM booking b
      WHERE b.tenant_id = p_tenant AND b.service_id = p_service AND b.local_date = c.local_date
        AND b.status <> 'cancelled' AND b.id IS DISTINCT FROM p_except
        AND (p_held_for IS NULL OR b.held_for IS DISTINCT FROM p_held_for)
        AND (b.hold_expires_at IS NULL OR b.hold_expires_at > clock_timestamp())) THEN 'day_full' END
  INTO resource_id, refusal
  FROM unnest(p_candidates, p_dates) AS c (id, local_date)
  JOIN resource r ON r.tenant_id = p_tenant AND r.id = c.id AND r.active AND r.deleted_at IS NULL
  JOIN service_resource sr ON sr.tenant_id = p_tenant AND sr.service_id = p_service AND sr.resource_id = c.id
  WHERE NOT EXISTS (
    SELECT FROM booking b
    WHERE b.tenant_id = p_tenant AND b.resource_id = c.id AND b.status NOT IN ('cancelled', 'completed', 'no_show')
      -- No booking blocks more than forty hours. Row-level security keeps `&&` from being looked up in an index, so that of
      -- the exclusion constraint, which the same three statuses said positively would allow, would find all of a resource's
      -- bookings, and this one finds those around the time.
      AND b.starts_at >= lower(p_blocked) - interval '2 days' AND b.starts_at < upper(p_blocked) + interval '1 day'
      AND b.blocked && p_blocked AND b.id IS DISTINCT FROM p_except
      AND (p_held_for IS NULL OR b.held_for IS DISTINCT FROM p_held_for))
  -- Whoever has the time held for this asker gives it.
  ORDER BY 2 NULLS FIRST, p_held_for IS NOT NULL AND EXISTS (
    SELECT FROM booking b
    WHERE b.tenant_id = p_tenant AND b.held_for = p_held_for AND b.resource_id = c.id AND b.blocked && p_blocked) DESC,
    c.id IS NOT DISTINCT FROM p_preferred DESC, (
    SELECT count(*) FROM booking b
    WHERE b.tenant_id = p_tenant AND b.resource_id = c.id AND p_week @> b.starts_at
      AND b.starts_at >= lower(p_week) AND b.starts_at < upper(p_week)
      AND b.status <> 'cancelled' AND b.id IS DISTINCT FROM p_except
      AND (b.hold_expires_at IS NULL OR b.hold_expires_at > clock_timestamp())),
    r.last_assigned_at NULLS FIRST, c.id
  LIMIT 1;

  IF refusal IS NOT NULL THEN
    resource_id := NULL;
  ELSIF resource_id IS NULL THEN
    refusal := 'booked';
  ELSIF cardinality(p_candidates) > 1 AND resource_id IS DISTINCT FROM p_preferred THEN
    UPDATE resource r SET last_assigned_at = clock_timestamp() WHERE r.tenant_id = p_tenant AND r.id = resource_id;
  END IF;
END
$$;

DROP FUNCTION availability_snapshot(uuid, uuid, uuid, timestamptz, timestamptz, uuid);
CREATE FUNCTION availability_snapshot(
  p_tenant uuid, p_service uuid, p_resource uuid, p_from timestamptz, p_to timestamptz, p_except uuid,
  p_held_for text DEFAULT NULL
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
        AND (p_held_for IS NULL OR b.held_for IS DISTINCT FROM p_held_for)
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
          AND (p_held_for IS NULL OR b.held_for IS DISTINCT FROM p_held_for)
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
