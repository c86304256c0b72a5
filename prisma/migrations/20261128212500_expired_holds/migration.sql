-- migrate: without a transaction
-- The holds of a tenant, of which those that ran out long ago are purged.
CREATE INDEX CONCURRENTLY IF NOT EXISTS booking_holds ON booking (tenant_id, hold_expires_at) WHERE status = 'held';
