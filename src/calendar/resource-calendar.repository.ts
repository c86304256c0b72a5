import { Injectable } from '@nestjs/common';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import { isUuid, type TenantId } from '../platform/database/tenant-id.js';
import { DomainError, invalidInput, type FieldProblem } from '../platform/errors/domain-error.js';
import { mayWrite } from './access-role.js';
import { ConnectionRepository } from './connection.repository.js';
import { SyncRepository } from './mirror/sync.repository.js';
import { OwnerChanges } from './owner-changes.js';
import { WaitingWrites } from './waiting-writes.js';

/** The calendars that a resource has chosen, by the ids that the calendar list gives. */
export interface ChosenCalendars {
  /** Read for conflicts: what blocks in any of them blocks the resource. */
  read: string[];
  /** Where its bookings are written to; null for nowhere. */
  write: string | null;
}

const MOST_READ = 20;

/** Which calendars resources have chosen (`resource_calendar`). One that has chosen none uses the tenant's default. */
@Injectable()
export class ResourceCalendarRepository {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionRepository,
    private readonly waiting: WaitingWrites,
    private readonly syncs: SyncRepository,
    private readonly ownerChanges: OwnerChanges,
  ) {}

  /** What those of the resources that chose have chosen, by their id. */
  async findChosen(tenant: TenantId, resourceIds: readonly string[]): Promise<Map<string, ChosenCalendars>> {
    if (resourceIds.length === 0) return new Map();
    const rows = await this.database.inTenant(tenant, (sql) =>
      sql.query<ChosenCalendars & { resourceId: string }>(
        `SELECT resource_id AS "resourceId",
           coalesce(array_agg(calendar_id::text ORDER BY calendar_id) FILTER (WHERE reads_conflicts), '{}') AS read,
           (array_agg(calendar_id::text) FILTER (WHERE writes_bookings))[1] AS write
         FROM resource_calendar WHERE tenant_id = $1 AND resource_id = ANY ($2::uuid[]) GROUP BY resource_id`,
        [tenant, resourceIds],
      ),
    );
    return new Map(rows.map(({ resourceId, read, write }) => [resourceId, { read, write }]));
  }

  /**
   * Replaces what the resource has chosen; null goes back to the default. Events stay where they are; those that could not
   * be written to what was chosen before are written now. Part of the transaction `sql`.
   * @throws DomainError `not_found` for a calendar that is not of an account the tenant has connected; `invalid_input` for
   * duplicates, more than 20 to read, a choice of nothing, or a calendar that the account may not write to. Fields are named
   * as in the requests: `calendars.read[0]`, `calendars.write`.
   */
  async choose(
    sql: SqlTransaction,
    tenant: TenantId,
    resourceId: string,
    chosen: ChosenCalendars | null,
  ): Promise<void> {
    if (chosen !== null) refuseImpossible(chosen);
    // Not while an account is being disconnected, which clears its calendars away.
    await this.connections.lock(sql, tenant);
    await this.syncs.lock(sql, tenant);
    if (chosen !== null) await this.#refuseUnusable(sql, tenant, chosen);
    await sql.query(`DELETE FROM resource_calendar WHERE tenant_id = $1 AND resource_id = $2`, [
      tenant,
      resourceId,
    ]);
    await this.waiting.enqueue(sql, tenant);
    if (chosen !== null) {
      await sql.query(
        `INSERT INTO resource_calendar (tenant_id, resource_id, calendar_id, reads_conflicts, writes_bookings)
         SELECT $1, $2, id, id = ANY ($3::uuid[]), id IS NOT DISTINCT FROM $4::uuid FROM unnest($5::uuid[]) AS id`,
        [tenant, resourceId, chosen.read, chosen.write, idsOf(chosen)],
      );
    }
    await this.syncs.adopt(sql, tenant);
    await this.#noteOverlaps(sql, tenant, resourceId);
  }

  /** What is mirrored already lies over this resource's bookings from now on. */
  async #noteOverlaps(sql: SqlTransaction, tenant: TenantId, resourceId: string): Promise<void> {
    const read = await sql.query<{ id: string }>(
      `SELECT calendar_id AS id FROM calendars_of_resources($1, ARRAY[$2::uuid]) WHERE reads_conflicts ORDER BY 1`,
      [tenant, resourceId],
    );
    for (const { id } of read) await this.ownerChanges.noteOverlaps(sql, tenant, id, null);
  }

  async #refuseUnusable(sql: SqlTransaction, tenant: TenantId, chosen: ChosenCalendars): Promise<void> {
    // The locks keep them from being cleared away, because Google has deleted them, before this is stored.
    const found = await sql.query<{ id: string; accessRole: string }>(
      `SELECT k.id, k.access_role AS "accessRole" FROM calendar k
       WHERE k.tenant_id = $1 AND k.id = ANY ($2::uuid[]) AND EXISTS (
         SELECT FROM calendar_connection c
         WHERE c.tenant_id = k.tenant_id AND c.id = k.connection_id AND c.state <> 'disconnected')
       ORDER BY k.id FOR SHARE OF k`,
      [tenant, idsOf(chosen).filter(isUuid)],
    );
    const roles = new Map(found.map(({ id, accessRole }) => [id, accessRole]));
    const unknown = namedFields(chosen)
      .filter(({ id }) => !roles.has(id))
      .map(({ field }) => ({ field, message: 'is not one of the calendars that can be chosen' }));
    if (unknown.length > 0)
      throw new DomainError('not_found', 'There is no such calendar.', { errors: unknown });
    if (chosen.write !== null && !mayWrite(roles.get(chosen.write.toLowerCase()) ?? '')) {
      throw invalidInput({
        field: 'calendars.write',
        message: 'is a calendar that the account may only read',
      });
    }
  }
}

/** @throws DomainError `invalid_input` */
function refuseImpossible(chosen: ChosenCalendars): void {
  const problems: FieldProblem[] = [];
  const { read, write } = chosen;
  if (read.length === 0 && write === null) {
    problems.push({ field: 'calendars', message: 'must name a calendar, or be null for the default' });
  }
  if (read.length > MOST_READ) {
    problems.push({ field: 'calendars.read', message: `must name at most ${MOST_READ} calendars` });
  }
  const seen = new Set<string>();
  for (const { field, id } of namedFields({ read, write: null })) {
    if (seen.has(id)) problems.push({ field, message: 'is named twice' });
    seen.add(id);
  }
  if (problems.length > 0) throw invalidInput(...problems);
}

function namedFields({ read, write }: ChosenCalendars): { field: string; id: string }[] {
  const fields = read.map((id, index) => ({ field: `calendars.read[${index}]`, id: id.toLowerCase() }));
  if (write !== null) fields.push({ field: 'calendars.write', id: write.toLowerCase() });
  return fields;
}

function idsOf(chosen: ChosenCalendars): string[] {
  return [...new Set(namedFields(chosen).map(({ id }) => id))];
}
