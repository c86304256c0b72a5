-- Limits for one conversation, one number and one credential, so that none of them can take every free time.

-- What a tenant allows.
-- exception (column-constraint): a row for each organisation, so looking at all of them takes no time.
ALTER TABLE tenant
  ADD COLUMN max_holds_per_conversation    integer NOT NULL DEFAULT 3
    CHECK (max_holds_per_conversation BETWEEN 1 AND 20),
  ADD COLUMN max_holds_per_number          integer NOT NULL DEFAULT 6
    CHECK (max_holds_per_number BETWEEN 1 AND 100),
  ADD COLUMN max_holds_per_key             integer NOT NULL DEFAULT 20
    CHECK (max_holds_per_key BETWEEN 1 AND 100),
  ADD COLUMN max_bookings_per_conversation integer NOT NULL DEFAULT 10
    CHECK (max_bookings_per_conversation BETWEEN 1 AND 1000),
  ADD COLUMN max_bookings_per_number       integer NOT NULL DEFAULT 20
    CHECK (max_bookings_per_number BETWEEN 1 AND 1000);

-- Who asked for a booking or hold, as hashes (see src/booking/asker.ts); null for those made before, and where it is not known.
ALTER TABLE booking
  ADD COLUMN asked_in   text,
  ADD COLUMN asked_from text,
  ADD COLUMN asked_by   text;

-- Which limit leaves no room for one more hold; null for none. The caller has the tenant's assignment (`lock_assignment`), so
-- the holds that are counted cannot become more before the transaction ends. Holds of the conversation that had to give way are
-- deleted by then.
--
--   p_most             what all holds of the tenant may be
--   first_expires_at   when the first of those that were counted runs out
CREATE FUNCTION reached_hold_limit(
  p_tenant uuid, p_number text, p_credential text, p_most integer,
  OUT reached text, OUT most integer, OUT first_expires_at timestamptz
) LANGUAGE sql VOLATILE AS $$
  SELECT l.reached, l.most, l.first_expires_at
  FROM tenant t, LATERAL (
    SELECT count(*) AS of_tenant, min(b.hold_expires_at) AS first_of_tenant,
      count(*) FILTER (WHERE b.asked_from = p_number) AS of_number,
      min(b.hold_expires_at) FILTER (WHERE b.asked_from = p_number) AS first_of_number,
      count(*) FILTER (WHERE b.asked_by = p_credential) AS of_key,
      min(b.hold_expires_at) FILTER (WHERE b.asked_by = p_credential) AS first_of_key
    FROM booking b
    WHERE b.tenant_id = p_tenant AND b.status = 'held' AND b.hold_expires_at > clock_timestamp()) c, LATERAL (VALUES
      ('holds_per_number', c.of_number, t.max_holds_per_number, c.first_of_number),
      ('holds_per_key', c.of_key, t.max_holds_per_key, c.first_of_key),
      ('holds', c.of_tenant, p_most, c.first_of_tenant)) AS l (reached, counted, most, first_expires_at)
  WHERE t.id = p_tenant AND l.counted >= l.most
  LIMIT 1
$$;

-- Which limit leaves no room for one more booking; null for none. Takes the tenant's assignment, so that of two bookings that are
-- made at once the second is decided knowing the first.
CREATE FUNCTION reached_booking_limit(
  p_tenant uuid, p_conversation text, p_number text,
  OUT reached text, OUT most integer
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_tenant tenant;
BEGIN
  PERFORM lock_assignment(p_tenant);
  SELECT * INTO v_tenant FROM tenant t WHERE t.id = p_tenant;
  IF v_tenant.max_bookings_per_conversation <= (
      SELECT count(*) FROM booking b
      WHERE b.tenant_id = p_tenant AND b.asked_in = p_conversation AND b.starts_at > clock_timestamp()
        AND b.status IN ('pending', 'confirmed')) THEN
    reached := 'bookings_per_conversation';
    most := v_tenant.max_bookings_per_conversation;
  ELSIF v_tenant.max_bookings_per_number <= (
      SELECT count(*) FROM booking b
      WHERE b.tenant_id = p_tenant AND b.asked_from = p_number AND b.starts_at > clock_timestamp()
        AND b.status IN ('pending', 'confirmed')) THEN
    reached := 'bookings_per_number';
    most := v_tenant.max_bookings_per_number;
  END IF;
END
$$;
