-- Checks of the columns that the migrations before this one have added: this reads the tables without keeping anybody from them.
ALTER TABLE audit_entry VALIDATE CONSTRAINT audit_entry_call_id_from_check;
ALTER TABLE calendar_sync VALIDATE CONSTRAINT calendar_sync_limitation_check;
ALTER TABLE oauth_state VALIDATE CONSTRAINT oauth_state_browser_hash_check;
ALTER TABLE oauth_state VALIDATE CONSTRAINT oauth_state_step_check;
