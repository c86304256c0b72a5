-- Wrong booking references, counted so that nobody can go through them. One row per wrong reference: limits are over the last
-- hour at any moment, and a tenant's limit bounds its rows. Who guessed is kept as hashes (see src/booking/asker.ts).
CREATE TABLE reference_guess (
  tenant_id    uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id           bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at           timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  reference    text NOT NULL CHECK (length(reference) BETWEEN 1 AND 16),
  conversation text CHECK (length(conversation) = 43),
  number       text CHECK (length(number) = 43),
  credential   text NOT NULL CHECK (length(credential) = 43),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX reference_guess_by_age ON reference_guess (tenant_id, at);

ALTER TABLE reference_guess ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference_guess FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON reference_guess TO receptionist_tenant
  USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY every_tenant ON reference_guess TO receptionist_system USING (true);
GRANT SELECT, INSERT, DELETE ON reference_guess TO receptionist_tenant;
GRANT SELECT (tenant_id, id, at), DELETE ON reference_guess TO receptionist_system;

-- Whether any of those who ask has named as many wrong references in the last hour as it may. The same one said again tells
-- nothing new, so it counts once.
CREATE FUNCTION has_guessed_enough(
  p_tenant uuid, p_conversation text, p_number text, p_credential text,
  p_most_of_conversation integer, p_most_of_number integer, p_most_of_credential integer, p_most_of_tenant integer
) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT count(DISTINCT g.reference) FILTER (WHERE g.conversation = p_conversation) >= p_most_of_conversation
    OR count(DISTINCT g.reference) FILTER (WHERE g.number = p_number) >= p_most_of_number
    OR count(DISTINCT g.reference) FILTER (WHERE g.credential = p_credential) >= p_most_of_credential
    OR count(DISTINCT g.reference) >= p_most_of_tenant
  FROM reference_guess g
  WHERE g.tenant_id = p_tenant AND g.at > clock_timestamp() - interval '1 hour'
$$;

-- The booking that a caller names by its reference, and the count of those that name none, in one round trip.
--
-- Past a limit only the bookings of the number that calls are found, which that number opens by itself. Lookups of one tenant
-- take turns: however many are made at once, each is decided knowing all wrong ones before it.
--
--   p_caller                 the number that the platform reports, E.164
--   p_services, p_resources  what the credential is confined to; empty: nothing
-- Returns {"outcome": "found" | "unknown" | "locked", "booking"}.
CREATE FUNCTION booking_by_reference(
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
      'customerName', b.customer_name, 'phone', b.phone, 'email', b.email, 'purpose', b.purpose, 'source', b.source,
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
  INSERT INTO reference_guess (tenant_id, reference, conversation, number, credential)
  SELECT p_tenant, p_reference, p_conversation, p_number, p_credential
  WHERE NOT EXISTS (
    SELECT FROM reference_guess g
    WHERE g.tenant_id = p_tenant AND g.reference = p_reference AND g.credential = p_credential
      AND g.conversation IS NOT DISTINCT FROM p_conversation AND g.number IS NOT DISTINCT FROM p_number);
  RETURN json_build_object('outcome', 'unknown');
END
$$;
