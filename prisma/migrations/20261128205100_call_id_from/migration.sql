-- Whether the voice platform named a conversation, or an argument did. Null for entries from before, and from instances of the
-- version before this one.
ALTER TABLE audit_entry ADD COLUMN call_id_from text;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_call_id_from_check CHECK (call_id_from IN ('platform', 'argument')) NOT VALID;
