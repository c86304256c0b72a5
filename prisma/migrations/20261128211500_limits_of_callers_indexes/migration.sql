-- migrate: without a transaction
-- What a conversation or number has to come: by start, so that one with a long history is counted as quickly as a new one.
CREATE INDEX CONCURRENTLY IF NOT EXISTS booking_asked_in ON booking (tenant_id, asked_in, starts_at)
  WHERE asked_in IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS booking_asked_from ON booking (tenant_id, asked_from, starts_at)
  WHERE asked_from IS NOT NULL;
