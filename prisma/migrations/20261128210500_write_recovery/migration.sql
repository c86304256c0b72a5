-- How writes of events recover from refusals. All of it may be left empty by a version that does not know of it.
ALTER TABLE event_write
  -- When Google first said that the event, or its calendar, is not there; null once it has been seen. Believed when it is said again.
  ADD COLUMN missing_since    timestamptz(3),
  -- An event that Google made instead of the one that was asked for, until it is taken away.
  ADD COLUMN stray_event_id   text,
  -- The parts of the event that Google refused: it is there without them.
  ADD COLUMN left_out         text[] NOT NULL DEFAULT '{}',
  -- When a Meet link that was left out is asked for again.
  ADD COLUMN meet_link_due_at timestamptz(3),
  -- When it was last tried again, after it was given up, because its calendar could be synchronised.
  ADD COLUMN revived_at       timestamptz(3);
