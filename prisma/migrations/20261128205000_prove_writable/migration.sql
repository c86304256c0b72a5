-- Fails where nothing can be written: in a read-only database, and where the disk is full. A table that is made and given up
-- at once needs a file that grows, as bookings do; an update in place might go well on a full disk. It runs as the owner, since
-- the service's login may create nothing.
CREATE FUNCTION prove_writable() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TEMPORARY TABLE write_proof (written integer) ON COMMIT DROP;
  INSERT INTO write_proof VALUES (1);
END
$$;
