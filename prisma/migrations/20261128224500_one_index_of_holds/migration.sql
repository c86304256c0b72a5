-- migrate: without a transaction
-- The same as booking_held.
DROP INDEX CONCURRENTLY IF EXISTS booking_holds;
