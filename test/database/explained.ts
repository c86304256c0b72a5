import { jest } from '@jest/globals';
import pg from 'pg';
import type { TestDatabase } from '../support/test-database.js';

/** A node of PostgreSQL's plan, as `EXPLAIN (FORMAT json)` writes it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: PlanNode[];
}

interface Explained {
  'Query Text': string;
  Plan: PlanNode;
}

/** How a statement looks rows of a table up. */
export interface Access {
  statement: string;
  table: string;
  /** Null for reading the whole table. */
  index: string | null;
  /** What is looked up in the index. */
  condition: string;
}

/**
 * Has PostgreSQL tell the plan of every statement that is sent to this database from now on, those inside of functions and
 * of foreign keys included, by the module auto_explain that comes with it.
 */
export class StatementPlans {
  readonly #explained: Explained[] = [];

  private constructor() {
    const listen = (notice: { message?: string | undefined }) => {
      const json = /plan:\n(\{.*)$/s.exec(notice.message ?? '')?.[1];
      if (json !== undefined) this.#explained.push(JSON.parse(json) as Explained);
    };
    const client = pg.Client.prototype as { connect(...given: unknown[]): unknown };
    const connect = client.connect;
    jest.spyOn(client, 'connect').mockImplementation(function (this: unknown, ...given) {
      (this as pg.Client).on('notice', listen);
      return connect.apply(this, given);
    });
  }

  static async of(database: TestDatabase): Promise<StatementPlans> {
    const name = pg.escapeIdentifier(new URL(database.serviceUrl).pathname.slice(1));
    for (const setting of [
      'session_preload_libraries = auto_explain',
      'auto_explain.log_min_duration = 0',
      'auto_explain.log_nested_statements = on',
      'auto_explain.log_format = json',
      'auto_explain.log_level = notice',
    ]) {
      await database.query(`ALTER DATABASE ${name} SET ${setting}`);
    }
    return new StatementPlans();
  }

  /**
   * How the statements that `work` sends look rows up in `tables`.
   * @param tables those that hold enough rows for the plan to be a choice
   */
  async during(work: () => Promise<unknown>, tables: ReadonlySet<string>): Promise<Access[]> {
    this.#explained.length = 0;
    await work();
    return this.#explained
      .flatMap(({ 'Query Text': statement, Plan: plan }) => accesses(statement, plan))
      .filter(({ table }) => tables.has(table));
  }
}

function accesses(statement: string, node: PlanNode): Access[] {
  const children = node.Plans ?? [];
  const table = node['Relation Name'];
  const below = children.flatMap((child) => accesses(statement, child));
  if (table === undefined || !node['Node Type'].endsWith('Scan')) return below;
  if (node['Node Type'] === 'Bitmap Heap Scan') {
    const indexes = children.flatMap(bitmapIndexes);
    return [
      ...indexes.map((found) => ({ ...accessOf(statement, found), table })),
      ...below.filter((access) => access.table !== ''),
    ];
  }
  return [{ ...accessOf(statement, node), table }, ...below];
}

/** A bitmap may be put together from several indexes. */
function bitmapIndexes(node: PlanNode): PlanNode[] {
  if (node['Node Type'] === 'Bitmap Index Scan') return [node];
  return (node.Plans ?? []).flatMap(bitmapIndexes);
}

function accessOf(statement: string, node: PlanNode): Access {
  return {
    statement: statement.replace(/\s+/g, ' ').trim(),
    table: node['Relation Name'] ?? '',
    index: node['Index Name'] ?? null,
    condition: node['Index Cond'] ?? '',
  };
}
