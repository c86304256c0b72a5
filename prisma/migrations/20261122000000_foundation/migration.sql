-- Foundation: tenants, what can be booked, bookings, connected calendars, and the two roles the service works under.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- ---------------------------------------------------------------------------------------------------------------------
-- Roles. Neither can log in and neither owns anything. Every transaction of the service takes one of them on
-- (`enter_tenant`, `enter_system`), whatever role the connection logged in with.
--   receptionist_tenant  works for one tenant: row-level security shows it that tenant's rows only
--   receptionist_system  works before or beside a tenant: finds whose key this is, manages tenants, rotates ciphertexts;
--                        it has no right to read bookings
-- ---------------------------------------------------------------------------------------------------------------------
DO $$
DECLARE
  role_name text;
BEGIN
  -- Roles belong to the cluster: another database of it, migrating at this moment, may be making them too.
  PERFORM pg_advisory_xact_lock(hashtext('receptionist roles'));
  FOREACH role_name IN ARRAY ARRAY['receptionist_tenant', 'receptionist_system'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Tenants and their credentials
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE tenant (
  id                         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name                       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  timezone                   text NOT NULL CHECK (length(timezone) BETWEEN 1 AND 64),
  locale                     text NOT NULL DEFAULT 'en-US' CHECK (length(locale) BETWEEN 2 AND 35),
  unreadable_calendar_policy text NOT NULL DEFAULT 'use_last_known'
                             CHECK (unreadable_calendar_policy IN ('use_last_known', 'refuse')),
  created_at                 timestamptz(3) NOT NULL DEFAULT now(),
  updated_at                 timestamptz(3) NOT NULL DEFAULT now()
);
-- The admin's list is in this order, a page at a time.
CREATE INDEX tenant_by_age ON tenant (created_at, id);

CREATE TABLE api_key (
  tenant_id    uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id           uuid NOT NULL DEFAULT gen_random_uuid(),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  prefix       text NOT NULL UNIQUE,
  secret_hash  bytea NOT NULL CHECK (length(secret_hash) = 32),
  scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['dashboard', 'agent'] AND cardinality(scopes) BETWEEN 1 AND 2),
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- What can be booked
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE resource (
  tenant_id     uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id            uuid NOT NULL DEFAULT gen_random_uuid(),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  timezone      text CHECK (length(timezone) BETWEEN 1 AND 64),
  working_hours jsonb,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE service (
  tenant_id             uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id                    uuid NOT NULL DEFAULT gen_random_uuid(),
  name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  duration_minutes      integer NOT NULL CHECK (duration_minutes BETWEEN 1 AND 1440),
  buffer_before_minutes integer NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 480),
  buffer_after_minutes  integer NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 480),
  slot_step_minutes     integer NOT NULL CHECK (slot_step_minutes BETWEEN 1 AND 1440),
  min_notice_minutes    integer NOT NULL DEFAULT 0 CHECK (min_notice_minutes BETWEEN 0 AND 525600),
  max_advance_days      integer NOT NULL DEFAULT 365 CHECK (max_advance_days BETWEEN 1 AND 730),
  max_per_day           integer CHECK (max_per_day BETWEEN 1 AND 1000),
  active                boolean NOT NULL DEFAULT true,
  created_at            timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE service_resource (
  tenant_id   uuid NOT NULL,
  service_id  uuid NOT NULL,
  resource_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, service_id, resource_id),
  FOREIGN KEY (tenant_id, service_id) REFERENCES service ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource ON DELETE CASCADE
);
CREATE INDEX service_resource_resource ON service_resource (tenant_id, resource_id);

CREATE TABLE working_hours (
  tenant_id  uuid PRIMARY KEY REFERENCES tenant ON DELETE CASCADE,
  weekly     jsonb NOT NULL,
  overrides  jsonb NOT NULL DEFAULT '[]',
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------------------------------------------------------------
-- Bookings and holds. The exclusion constraint is the promise of no double booking: for every status that occupies
-- time, no two blocked ranges (buffers included) of one resource may overlap.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE booking (
  tenant_id       uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  reference       text NOT NULL,
  resource_id     uuid NOT NULL,
  service_id      uuid NOT NULL,
  status          text NOT NULL
                  CHECK (status IN ('held', 'pending', 'confirmed', 'cancelled', 'completed', 'no_show')),
  starts_at       timestamptz(3) NOT NULL,
  ends_at         timestamptz(3) NOT NULL,
  blocked         tstzrange NOT NULL,
  timezone        text NOT NULL,
  customer_name   text,
  phone           text,
  email           text,
  purpose         text,
  source          text NOT NULL CHECK (source IN ('dashboard', 'agent')),
  hold_expires_at timestamptz(3),
  cancel_reason   text,
  cancelled_at    timestamptz(3),
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_at      timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource,
  FOREIGN KEY (tenant_id, service_id) REFERENCES service,
  CHECK (starts_at < ends_at),
  CHECK (NOT isempty(blocked) AND blocked @> tstzrange(starts_at, ends_at)),
  CHECK ((status = 'held') = (hold_expires_at IS NOT NULL)),
  CHECK (status = 'held' OR (customer_name IS NOT NULL AND phone IS NOT NULL)),
  CONSTRAINT booking_no_overlap EXCLUDE USING gist (tenant_id WITH =, resource_id WITH =, blocked WITH &&)
    WHERE (status IN ('held', 'pending', 'confirmed'))
);
CREATE INDEX booking_by_start ON booking (tenant_id, starts_at, id);
CREATE INDEX booking_by_phone ON booking (tenant_id, phone, starts_at);

CREATE TABLE idempotency_record (
  tenant_id    uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL,
  booking_id   uuid NOT NULL,
  response     jsonb,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX idempotency_record_age ON idempotency_record (created_at);

-- ---------------------------------------------------------------------------------------------------------------------
-- Connected calendars
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE calendar_connection (
  tenant_id     uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id            uuid NOT NULL DEFAULT gen_random_uuid(),
  account_sub   text NOT NULL,
  account_email text,
  scopes        text[] NOT NULL,
  state         text NOT NULL DEFAULT 'connected' CHECK (state IN ('connected', 'needs_reconnect', 'disconnected')),
  state_reason  text,
  connected_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, account_sub),
  CHECK ((state = 'disconnected') = (account_email IS NULL))
);

CREATE TABLE tenant_google_token (
  tenant_id           uuid NOT NULL,
  connection_id       uuid NOT NULL,
  key_id              text NOT NULL,
  access_token        text NOT NULL,
  refresh_token       text NOT NULL,
  access_expires_at   timestamptz(3) NOT NULL,
  refresh_lease_until timestamptz(3),
  updated_at          timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, connection_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES calendar_connection ON DELETE CASCADE
);
CREATE INDEX tenant_google_token_by_key ON tenant_google_token (key_id);

CREATE TABLE oauth_state (
  tenant_id     uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  state_hash    bytea NOT NULL CHECK (length(state_hash) = 32),
  code_verifier text NOT NULL,
  return_to     text,
  expires_at    timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, state_hash)
);
CREATE INDEX oauth_state_expiry ON oauth_state (expires_at);

CREATE TABLE calendar (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL DEFAULT gen_random_uuid(),
  connection_id   uuid NOT NULL,
  google_id       text NOT NULL,
  summary         text NOT NULL,
  timezone        text NOT NULL,
  reads_conflicts boolean NOT NULL DEFAULT true,
  writes_bookings boolean NOT NULL DEFAULT true,
  known_from      timestamptz(3),
  known_to        timestamptz(3),
  known_as_of     timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, connection_id, google_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES calendar_connection ON DELETE CASCADE
);

CREATE TABLE busy_block (
  tenant_id   uuid NOT NULL,
  calendar_id uuid NOT NULL,
  starts_at   timestamptz(3) NOT NULL,
  ends_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, calendar_id, starts_at, ends_at),
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE CASCADE,
  CHECK (starts_at < ends_at)
);

-- What a booking's event in Google should be (`wanted`, `content`, `version`) and how far Google has it
-- (`written_version`, `event_id`). The worker that brings them together holds the row's lease while it talks to Google.
CREATE TABLE event_write (
  tenant_id       uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  booking_id      uuid NOT NULL,
  wanted          text NOT NULL CHECK (wanted IN ('present', 'absent')),
  content         jsonb NOT NULL,
  version         integer NOT NULL DEFAULT 1,
  written_version integer NOT NULL DEFAULT 0,
  state           text NOT NULL CHECK (state IN ('not_connected', 'pending', 'synced', 'failed')),
  failure         text,
  connection_id   uuid,
  calendar_id     uuid,
  event_id        text,
  event_attempt   integer NOT NULL DEFAULT 0,
  event_etag      text,
  meet_link       text,
  html_link       text,
  attempts        integer NOT NULL DEFAULT 0,
  lease_until     timestamptz(3),
  last_attempt_at timestamptz(3),
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_at      timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, booking_id),
  FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendar ON DELETE SET NULL (calendar_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES calendar_connection ON DELETE SET NULL (connection_id)
);
CREATE INDEX event_write_stuck ON event_write (state, updated_at) WHERE state IN ('pending', 'failed');

-- ---------------------------------------------------------------------------------------------------------------------
-- Taking on a role, for the length of the transaction (so that it is safe behind a transaction-mode pooler)
-- ---------------------------------------------------------------------------------------------------------------------
CREATE FUNCTION enter_tenant(p_tenant uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', 'receptionist_tenant', true), set_config('app.tenant_id', p_tenant::text, true),
    set_config('statement_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '30s', true);
END
$$;

CREATE FUNCTION enter_system() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', 'receptionist_system', true), set_config('app.tenant_id', '', true),
    set_config('statement_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '30s', true);
END
$$;

-- The tenant of this transaction; null, which equals nothing, when there is none.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('app.tenant_id', true), '')::uuid
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Row-level security: enabled and forced (so that the owner is bound as well) on every tenant table
-- ---------------------------------------------------------------------------------------------------------------------
DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY[
    'api_key', 'resource', 'service', 'service_resource', 'working_hours', 'booking', 'idempotency_record',
    'calendar_connection', 'tenant_google_token', 'oauth_state', 'calendar', 'busy_block', 'event_write'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY own_tenant ON %I TO receptionist_tenant
         USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', table_name);
  END LOOP;
END
$$;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant TO receptionist_tenant USING (id = current_tenant());

GRANT SELECT ON tenant TO receptionist_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON resource, service, service_resource, working_hours, booking,
  idempotency_record, calendar_connection, tenant_google_token, oauth_state, calendar, busy_block, event_write
  TO receptionist_tenant;

CREATE POLICY every_tenant ON tenant TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant TO receptionist_system;
CREATE POLICY every_tenant ON api_key TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON api_key TO receptionist_system;
CREATE POLICY every_tenant ON calendar_connection TO receptionist_system USING (true);
GRANT SELECT ON calendar_connection TO receptionist_system;
CREATE POLICY every_tenant ON tenant_google_token TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON tenant_google_token TO receptionist_system;
CREATE POLICY every_tenant ON oauth_state TO receptionist_system USING (true);
GRANT SELECT (tenant_id, expires_at), DELETE ON oauth_state TO receptionist_system;
CREATE POLICY every_tenant ON idempotency_record TO receptionist_system USING (true);
GRANT SELECT (tenant_id, key, created_at), DELETE ON idempotency_record TO receptionist_system;
-- What is stuck, without what it says about a customer.
CREATE POLICY every_tenant ON event_write TO receptionist_system USING (true);
GRANT SELECT (tenant_id, booking_id, wanted, version, written_version, state, failure, connection_id, attempts,
  last_attempt_at, lease_until, created_at, updated_at) ON event_write TO receptionist_system;

-- ---------------------------------------------------------------------------------------------------------------------
-- The hot path: everything an availability answer needs, in one round trip. Instants are epoch milliseconds.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE FUNCTION availability_snapshot(
  p_tenant uuid, p_service uuid, p_resource uuid, p_from timestamptz, p_to timestamptz
) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  v_service service;
  -- Buffers (at most eight hours) and whole local days (for the most-per-day limit) reach outside of the range.
  v_from timestamptz := p_from - interval '2 days';
  v_to   timestamptz := p_to + interval '2 days';
BEGIN
  PERFORM enter_tenant(p_tenant);

  SELECT * INTO v_service FROM service
  WHERE tenant_id = p_tenant AND active AND (p_service IS NULL OR id = p_service)
  ORDER BY created_at, id LIMIT 1;

  RETURN (
    SELECT json_build_object(
      'timezone', t.timezone,
      'locale', t.locale,
      'unreadableCalendarPolicy', t.unreadable_calendar_policy,
      'workingHours', (
        SELECT json_build_object('weekly', h.weekly, 'overrides', h.overrides)
        FROM working_hours h WHERE h.tenant_id = p_tenant),
      'service', CASE WHEN v_service.id IS NOT NULL THEN json_build_object(
        'id', v_service.id, 'name', v_service.name, 'durationMinutes', v_service.duration_minutes,
        'bufferBeforeMinutes', v_service.buffer_before_minutes, 'bufferAfterMinutes', v_service.buffer_after_minutes,
        'slotStepMinutes', v_service.slot_step_minutes, 'minNoticeMinutes', v_service.min_notice_minutes,
        'maxAdvanceDays', v_service.max_advance_days, 'maxPerDay', v_service.max_per_day) END,
      'resources', coalesce((
        SELECT json_agg(json_build_object(
          'id', r.id, 'name', r.name, 'timezone', r.timezone, 'workingHours', r.working_hours)
          ORDER BY r.created_at, r.id)
        FROM service_resource sr
        JOIN resource r ON r.tenant_id = sr.tenant_id AND r.id = sr.resource_id
        WHERE sr.tenant_id = p_tenant AND sr.service_id = v_service.id AND r.active
          AND (p_resource IS NULL OR r.id = p_resource)), '[]'),
      'booked', coalesce((
        SELECT json_agg(json_build_object(
          'resourceId', b.resource_id, 'serviceId', b.service_id,
          'startsAt', (extract(epoch FROM b.starts_at) * 1000)::bigint,
          'start', (extract(epoch FROM lower(b.blocked)) * 1000)::bigint,
          'end', (extract(epoch FROM upper(b.blocked)) * 1000)::bigint))
        FROM booking b
        WHERE b.tenant_id = p_tenant AND b.status IN ('held', 'pending', 'confirmed')
          AND b.blocked && tstzrange(v_from, v_to)
          AND (b.hold_expires_at IS NULL OR b.hold_expires_at > now())), '[]'),
      'connection', (
        SELECT json_build_object('id', c.id, 'state', c.state)
        FROM calendar_connection c
        WHERE c.tenant_id = p_tenant AND c.state <> 'disconnected'
        ORDER BY c.connected_at DESC LIMIT 1),
      'calendars', coalesce((
        SELECT json_agg(json_build_object(
          'id', k.id,
          'knownFrom', (extract(epoch FROM k.known_from) * 1000)::bigint,
          'knownTo', (extract(epoch FROM k.known_to) * 1000)::bigint,
          'knownAsOf', (extract(epoch FROM k.known_as_of) * 1000)::bigint))
        FROM calendar k
        JOIN calendar_connection c ON c.tenant_id = k.tenant_id AND c.id = k.connection_id
        WHERE k.tenant_id = p_tenant AND k.reads_conflicts AND c.state <> 'disconnected'), '[]'),
      'busy', coalesce((
        SELECT json_agg(json_build_object(
          'calendarId', u.calendar_id,
          'start', (extract(epoch FROM u.starts_at) * 1000)::bigint,
          'end', (extract(epoch FROM u.ends_at) * 1000)::bigint))
        FROM busy_block u
        WHERE u.tenant_id = p_tenant AND u.starts_at < v_to AND u.ends_at > v_from), '[]'))
    FROM tenant t WHERE t.id = p_tenant);
END
$$;
