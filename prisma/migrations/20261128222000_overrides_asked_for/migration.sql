-- Dates with hours of their own are returned for the range asked about only: there may be a thousand of them for every resource, and all
-- of them together took the service hundreds of milliseconds to read.
CREATE FUNCTION overrides_between(p_overrides jsonb, p_dates jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_overrides = '[]' THEN p_overrides
    ELSE jsonb_path_query_array(p_overrides, '$[*] ? (@.date >= $from && @.date <= $to)', p_dates) END
$$;

CREATE OR REPLACE FUNCTION availability_snapshot(
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
  -- Hours of the date before may run on into the range, and wherever it is, it may be another date.
  v_dates jsonb := jsonb_build_object('from', (v_from::date - 2)::text, 'to', (v_to::date + 1)::text);
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
        SELECT json_build_object('weekly', h.weekly, 'overrides', overrides_between(h.overrides, v_dates))
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
          'id', r.id, 'name', r.name, 'timezone', r.timezone, 'workingHours', CASE WHEN r.working_hours IS NOT NULL THEN json_build_object(
            'weekly', r.working_hours -> 'weekly',
            'overrides', overrides_between(r.working_hours -> 'overrides', v_dates)) END,
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
          'isBehind', mirror_is_behind(y.failure, y.requested_at, k.known_as_of),
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
        JOIN calendar k ON k.tenant_id = p_tenant AND k.id = used.calendar_id
        LEFT JOIN calendar_sync y ON y.tenant_id = p_tenant AND y.calendar_id = k.id), '[]') ELSE '[]'::json END)
    FROM tenant t WHERE t.id = p_tenant);
END
$$;
