-- What a mirror cannot do for a calendar, and which of its events could not be read: shown in the calendar's status.
ALTER TABLE calendar_sync
  ADD COLUMN limitation text,
  ADD COLUMN unreadable_events text[] NOT NULL DEFAULT '{}';
ALTER TABLE calendar_sync
  ADD CONSTRAINT calendar_sync_limitation_check CHECK (limitation IN ('no_sync_token', 'free_busy_only')) NOT VALID;

-- Events of bookings that are in a calendar although their booking wants none, or another: to be taken away, by their ids.
CREATE TABLE event_stray (
  tenant_id   uuid NOT NULL,
  booking_id  uuid NOT NULL,
  calendar_id uuid NOT NULL,
  event_id    text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 1100),
  since       timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, booking_id, calendar_id, event_id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES event_write ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE
);
CREATE INDEX event_stray_by_calendar ON event_stray (tenant_id, calendar_id);

ALTER TABLE event_stray ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_stray FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON event_stray TO receptionist_tenant
  USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON event_stray TO receptionist_tenant;
GRANT SELECT (unreadable_events) ON calendar_sync TO receptionist_system;
