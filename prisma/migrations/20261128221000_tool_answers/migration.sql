-- What tools that change something answered to calls that a platform may deliver again. One row for each tool-call id of a
-- conversation, until the purge. The key is a hash (see src/agent-tools/first-answers.ts).
CREATE TABLE tool_answer (
  tenant_id  uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
  key        text NOT NULL CHECK (length(key) = 43),
  begun_at   timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- Null as long as the tool runs, or where its process died.
  answer     jsonb,
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX tool_answer_by_age ON tool_answer (tenant_id, begun_at);

ALTER TABLE tool_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE tool_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tool_answer TO receptionist_tenant
  USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON tool_answer TO receptionist_tenant;

-- Begins a tool call, unless it was begun before, in one round trip. A call that has no answer after p_patience_ms is begun again:
-- its process may have died. An answer that is older than p_remembered_ms is forgotten.
--
-- Returns {"outcome": "begun" | "running" | "answered", "answer"}.
CREATE FUNCTION begin_tool_call(p_tenant uuid, p_key text, p_patience_ms integer, p_remembered_ms integer)
RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_answer jsonb;
BEGIN
  PERFORM enter_tenant(p_tenant);
  INSERT INTO tool_answer AS a (tenant_id, key) VALUES (p_tenant, p_key)
  ON CONFLICT (tenant_id, key) DO UPDATE SET begun_at = clock_timestamp(), answer = NULL
    WHERE a.begun_at <= clock_timestamp()
      - CASE WHEN a.answer IS NULL THEN p_patience_ms ELSE p_remembered_ms END * interval '1 millisecond';
  IF FOUND THEN
    RETURN json_build_object('outcome', 'begun');
  END IF;
  SELECT a.answer INTO v_answer FROM tool_answer a WHERE a.tenant_id = p_tenant AND a.key = p_key;
  RETURN json_build_object('outcome', CASE WHEN v_answer IS NULL THEN 'running' ELSE 'answered' END, 'answer', v_answer);
END
$$;

-- Keeps what a tool call that succeeded was answered with, unless an answer is kept already; one that was refused (p_answer is
-- null) may be made again. Returns the answer that is kept.
CREATE FUNCTION end_tool_call(p_tenant uuid, p_key text, p_answer jsonb)
RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_answer jsonb;
BEGIN
  PERFORM enter_tenant(p_tenant);
  IF p_answer IS NULL THEN
    DELETE FROM tool_answer a WHERE a.tenant_id = p_tenant AND a.key = p_key AND a.answer IS NULL;
    RETURN NULL;
  END IF;
  INSERT INTO tool_answer AS a (tenant_id, key, answer) VALUES (p_tenant, p_key, p_answer)
  ON CONFLICT (tenant_id, key) DO UPDATE SET answer = coalesce(a.answer, excluded.answer)
  RETURNING a.answer INTO v_answer;
  RETURN v_answer;
END
$$;
