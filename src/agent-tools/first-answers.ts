import { Injectable, Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Asker } from '../booking/asker.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Purge } from '../tenant/purge.js';
import type { ToolResult } from './agent-tool.js';
import type { ToolArguments } from './tool-arguments.js';

/** Platforms deliver again within seconds, or minutes after an outage. Later the same id is a new request. */
const REMEMBERED_MS = 15 * 60_000;
/** After so long, a call that has no answer yet is made again: its process may have died. Tools answer sooner. */
const PATIENCE_MS = 2_000;
const POLL_MS = 50;

/** A call of a tool that changes something, as far as a platform identifies it. */
export interface IdentifiedCall {
  tenant: TenantId;
  asker: Pick<Asker, 'conversation'>;
  tool: string;
  /** As read: a model that uses an id twice for different things means two things. */
  arguments: ToolArguments;
  /** The platform's id of this call of the tool; null where it reports none. */
  toolCallId: string | null;
}

interface Begun {
  outcome: 'begun' | 'running' | 'answered';
  answer: ToolResult | null;
}

/**
 * Answers a tool call that a platform delivers twice as it did the first time, whatever has become of the booking since: a
 * booking that was cancelled is not made again, and one that was moved does not move back. Refusals are not kept. Only where
 * the platform reports both the conversation and the id of the tool call.
 */
@Injectable()
export class FirstAnswers {
  readonly #logger = new Logger(FirstAnswers.name);

  constructor(
    private readonly database: Database,
    purge: Purge,
  ) {
    purge.add({
      of: 'answers to tool calls',
      sql: `DELETE FROM tool_answer WHERE tenant_id = $1 AND key IN (
        SELECT key FROM tool_answer WHERE tenant_id = $1 AND begun_at < $2::timestamptz - interval '1 hour' LIMIT $3)`,
    });
  }

  /** The first answer to this call, or what `run` answers; of two at the same time the second waits for the first. */
  async once(call: IdentifiedCall, run: () => Promise<ToolResult>): Promise<ToolResult> {
    const key = keyOf(call);
    if (key === undefined) return run();
    const first = await this.#begin(call.tenant, key);
    if (first !== null) return first;
    let result: ToolResult;
    try {
      result = await run();
    } catch (error) {
      await this.#end(call.tenant, key, null);
      throw error;
    }
    return (await this.#end(call.tenant, key, result)) ?? result;
  }

  /** @returns the answer of one that was made before; null where this call is the one to make */
  async #begin(tenant: TenantId, key: string): Promise<ToolResult | null> {
    for (;;) {
      const begun = await this.database.call<Begun>(
        'begin_tool_call',
        ...[tenant, key, PATIENCE_MS, REMEMBERED_MS],
      );
      if (begun?.outcome !== 'running') return begun?.answer ?? null;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** What the tool did stands, whether or not its answer can be kept. */
  async #end(tenant: TenantId, key: string, result: ToolResult | null): Promise<ToolResult | null> {
    const answer = result === null ? null : JSON.stringify(result);
    try {
      return await this.database.call<ToolResult>('end_tool_call', tenant, key, answer);
    } catch (error) {
      this.#logger.warn({ error, tenant }, 'Failed to keep the answer to a tool call');
      return null;
    }
  }
}

/** Undefined where nothing tells two calls apart. */
function keyOf({ asker, tool, arguments: given, toolCallId }: IdentifiedCall): string | undefined {
  if (asker.conversation === undefined || toolCallId === null || toolCallId === '') return undefined;
  const wish = Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1));
  // The conversation is hashed with tenant and credential already.
  return createHash('sha256')
    .update(JSON.stringify([asker.conversation, toolCallId, tool, wish]))
    .digest('base64url');
}
