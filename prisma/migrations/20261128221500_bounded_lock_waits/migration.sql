-- How long a statement waits for a lock that somebody else holds. Without a bound of its own it was statement_timeout (10 s),
-- and none at all where a function takes on its role in the midst of a statement: that timer has started by then. A lock's
-- timer starts with the wait. The service says how long the request can still wait (app.lock_wait); 3 s where it does not.
CREATE OR REPLACE FUNCTION enter_tenant(p_tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', 'receptionist_tenant', true), set_config('app.tenant_id', p_tenant::text, true),
    set_config('statement_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '30s', true),
    set_config('lock_timeout', coalesce(nullif(current_setting('app.lock_wait', true), ''), '3s'), true);
END
$$;

CREATE OR REPLACE FUNCTION enter_system() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', 'receptionist_system', true), set_config('app.tenant_id', '', true),
    set_config('statement_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '30s', true),
    set_config('lock_timeout', coalesce(nullif(current_setting('app.lock_wait', true), ''), '3s'), true);
END
$$;
