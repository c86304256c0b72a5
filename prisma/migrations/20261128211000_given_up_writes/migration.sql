-- migrate: without a transaction
-- Looked for each time that a calendar has been synchronised.
CREATE INDEX CONCURRENTLY IF NOT EXISTS event_write_given_up ON event_write (tenant_id, calendar_id) WHERE state = 'failed';
