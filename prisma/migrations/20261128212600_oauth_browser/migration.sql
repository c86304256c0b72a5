-- A consent belongs to the browser that opened its start address (the SHA-256 of that browser's cookie), and has steps: what Google
-- granted is kept, encrypted, until its owner has said whom it is for.
ALTER TABLE oauth_state
  ADD COLUMN browser_hash bytea,
  ADD COLUMN step text NOT NULL DEFAULT 'begun',
  ADD COLUMN kept text;
ALTER TABLE oauth_state ADD CONSTRAINT oauth_state_browser_hash_check CHECK (length(browser_hash) = 32) NOT VALID;
ALTER TABLE oauth_state ADD CONSTRAINT oauth_state_step_check
  CHECK (step IN ('begun', 'under_way', 'asked', 'connected', 'failed')) NOT VALID;
