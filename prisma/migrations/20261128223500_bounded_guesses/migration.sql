-- Bounds the rows that wrong references leave, and what is read to count a caller's bookings.

-- The booking that a caller names by its reference, and the count of those that name none, in one round trip.
--
-- Past a limit only the bookings of the number that calls are found, which that number opens by itself. Lookups of one tenant
-- take turns: however many are made at once, each is decided knowing all wrong ones before it.
--
--   p_caller                 the number that the platform reports, E.164
--   p_services, p_resources  what the credential is confined to; empty: nothing
-- Returns {"outcome": "found" | "unknown" | "locked", "booking"}.
CREATE OR REPLACE FUNCTION booking_by_reference(
  p_tenant uuid, p_reference text, p_caller text, p_services uuid[], p_resources uuid[],
  p_conversation text, p_number text, p_credential text,
  p_most_of_conversation integer, p_most_of_number integer, p_most_of_credential integer, p_most_of_tenant integer
) RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_booking json;
  v_phone   text;
BEGIN
  PERFORM enter_tenant(p_tenant);

  SELECT json_build_object(
      'id', b.id, 'reference', b.reference, 'resourceId', b.resource_id, 'serviceId', b.service_id, 'status', b.status,
      'startsAt', epoch_ms(b.starts_at), 'endsAt', epoch_ms(b.ends_at), 'timezone', b.timezone,
      'customerName', b.customer_name, 'phone', b.phone, 'phoneExtension', b.phone_extension, 'email', b.email,
      'purpose', b.purpose, 'source', b.source,
      'cancelReason', b.cancel_reason, 'cancelledAt', epoch_ms(b.cancelled_at), 'createdAt', epoch_ms(b.created_at),
      'serviceName', (SELECT s.name FROM service s WHERE s.tenant_id = b.tenant_id AND s.id = b.service_id),
      'resourceName', (SELECT r.name FROM resource r WHERE r.tenant_id = b.tenant_id AND r.id = b.resource_id)), b.phone
  INTO v_booking, v_phone
  FROM booking b
  WHERE b.tenant_id = p_tenant AND b.reference = p_reference AND b.status <> 'held'
    AND (cardinality(p_services) = 0 OR b.service_id = ANY (p_services))
    AND (cardinality(p_resources) = 0 OR b.resource_id = ANY (p_resources));
  IF v_phone = p_caller THEN
    RETURN json_build_object('outcome', 'found', 'booking', v_booking);
  END IF;

  -- First without the lock, so that those who are past a limit keep nobody waiting; then knowing what was decided meanwhile.
  IF has_guessed_enough(p_tenant, p_conversation, p_number, p_credential,
      p_most_of_conversation, p_most_of_number, p_most_of_credential, p_most_of_tenant) THEN
    RETURN json_build_object('outcome', 'locked');
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('reference guess ' || p_tenant, 0));
  IF has_guessed_enough(p_tenant, p_conversation, p_number, p_credential,
      p_most_of_conversation, p_most_of_number, p_most_of_credential, p_most_of_tenant) THEN
    RETURN json_build_object('outcome', 'locked');
  END IF;
  IF v_booking IS NOT NULL THEN
    RETURN json_build_object('outcome', 'found', 'booking', v_booking);
  END IF;

  DELETE FROM reference_guess g WHERE g.tenant_id = p_tenant AND g.at <= clock_timestamp() - interval '1 hour';
  -- One that a credential has named twenty times is known to be wrong to whoever asks through it: further conversations that
  -- name it learn nothing, and would only make rows.
  INSERT INTO reference_guess (tenant_id, reference, conversation, number, credential)
  SELECT p_tenant, p_reference, p_conversation, p_number, p_credential
  FROM (
    SELECT count(*) AS times,
      count(*) FILTER (
        WHERE g.conversation IS NOT DISTINCT FROM p_conversation AND g.number IS NOT DISTINCT FROM p_number) AS by_this_one
    FROM reference_guess g
    WHERE g.tenant_id = p_tenant AND g.reference = p_reference AND g.credential = p_credential) named
  WHERE named.times < 20 AND named.by_this_one = 0;
  RETURN json_build_object('outcome', 'unknown');
END
$$;

-- Which limit leaves no room for one more booking; null for none. Takes the tenant's assignment, so that of two bookings that are
-- made at once the second is decided knowing the first. An index is searched by now(), which stands still, and not by
-- clock_timestamp(): so years of bookings cost nothing.
CREATE OR REPLACE FUNCTION reached_booking_limit(
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
      WHERE b.tenant_id = p_tenant AND b.asked_in = p_conversation AND b.starts_at > now()
        AND b.status IN ('pending', 'confirmed')) THEN
    reached := 'bookings_per_conversation';
    most := v_tenant.max_bookings_per_conversation;
  ELSIF v_tenant.max_bookings_per_number <= (
      SELECT count(*) FROM booking b
      WHERE b.tenant_id = p_tenant AND b.asked_from = p_number AND b.starts_at > now()
        AND b.status IN ('pending', 'confirmed')) THEN
    reached := 'bookings_per_number';
    most := v_tenant.max_bookings_per_number;
  END IF;
END
$$;
