-- A consent belongs to the browser that opened its start address (the SHA-256 of that browser's cookie), and has steps: what Google
-- granted is kept, encrypted, until its owner has said whom it is for.
ALTER TABLE oauth_state
  ADD COLUMN browser_hash bytea CHECK (length(browser_hash) = 32),
  ADD COLUMN step text NOT NULL DEFAULT 'begun' CHECK (step IN ('begun', 'under_way', 'asked', 'connected', 'failed')),
  ADD COLUMN kept text;
