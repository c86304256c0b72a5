-- Accounts that did not answer in time: tried one write at a time, and not before `next_attempt_at`, until one answers.
ALTER TABLE calendar_connection
  ADD COLUMN timeouts        integer NOT NULL DEFAULT 0,
  ADD COLUMN next_attempt_at timestamptz(3);
