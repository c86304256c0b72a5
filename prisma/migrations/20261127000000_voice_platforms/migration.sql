-- Voice platforms: a credential for each platform that an organisation runs its receptionist on.

-- ---------------------------------------------------------------------------------------------------------------------
-- Agent connections. The platform's address names the connection, its secret authenticates it, the tenant follows from it:
-- so they are looked up before a tenant is known and, like API keys, belong to the system's side.
-- Secrets are ciphertexts (TOKEN_ENCRYPTION_KEYS): checking a signature needs the secret itself.
-- ---------------------------------------------------------------------------------------------------------------------
CREATE TABLE agent_connection (
  tenant_id             uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  id                    uuid NOT NULL UNIQUE,
  platform              text NOT NULL CHECK (platform ~ '^[a-z][a-z0-9_]{1,31}$'),
  name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  key_id                text NOT NULL,
  secret                text NOT NULL,
  -- The one before the last rotation, while the platform may still use it.
  previous_secret       text,
  previous_secret_until timestamptz(3),
  -- With which the platform signs webhooks, where that is another one.
  webhook_secret        text,
  -- Empty: everything of the tenant.
  service_ids           uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(service_ids) <= 200),
  resource_ids          uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(resource_ids) <= 200),
  locale                text CHECK (length(locale) BETWEEN 2 AND 35),
  created_at            timestamptz(3) NOT NULL DEFAULT now(),
  rotated_at            timestamptz(3),
  last_used_at          timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
);

ALTER TABLE agent_connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_connection FORCE ROW LEVEL SECURITY;
CREATE POLICY every_tenant ON agent_connection TO receptionist_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_connection TO receptionist_system;

ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_actor_kind_check;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_actor_kind_check
  CHECK (actor_kind IN ('api_key', 'agent_connection', 'dashboard_user', 'system'));

