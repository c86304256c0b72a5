-- The extension behind a customer's number. Null where there is none, and for bookings made before.
ALTER TABLE booking ADD COLUMN phone_extension text;
-- Checked for new rows at once, and for all in the next migration, which does not keep the table.
ALTER TABLE booking ADD CONSTRAINT booking_phone_extension_check CHECK (phone_extension ~ '^[0-9]{1,20}$') NOT VALID;

-- As before, with the extension.
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
  INSERT INTO reference_guess (tenant_id, reference, conversation, number, credential)
  SELECT p_tenant, p_reference, p_conversation, p_number, p_credential
  WHERE NOT EXISTS (
    SELECT FROM reference_guess g
    WHERE g.tenant_id = p_tenant AND g.reference = p_reference AND g.credential = p_credential
      AND g.conversation IS NOT DISTINCT FROM p_conversation AND g.number IS NOT DISTINCT FROM p_number);
  RETURN json_build_object('outcome', 'unknown');
END
$$;
