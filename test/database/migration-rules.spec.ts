import { readMigrations } from '../../src/platform/database/migration-file.js';
import { violationsOf } from './migration-rules.js';

/** Until then an upgrade was allowed to stop the service. */
const LAST_THAT_STOPPED_SERVICE = '20261127000000_voice_platforms';

describe('migrations', () => {
  it('keep the service running and the previous release working, each of them', async () => {
    const migrations = await readMigrations();
    const bound = migrations.filter(({ name }) => name > LAST_THAT_STOPPED_SERVICE);
    expect(bound.length).toBeGreaterThan(0);
    const found = bound.flatMap(({ name, sql }) => violationsOf(sql).map(({ rule }) => `${name}: ${rule}`));
    expect(found).toEqual([]);
  });

  it('are recognised where they did not, so that the rules mean something', async () => {
    const migrations = await readMigrations();
    const rules = migrations
      .filter(({ name }) => name > '20261122000000_foundation' && name <= LAST_THAT_STOPPED_SERVICE)
      .flatMap(({ sql }) => violationsOf(sql).map(({ rule }) => rule));
    expect(rules).toEqual(
      expect.arrayContaining(['index', 'set-not-null', 'column-constraint', 'constraint']),
    );
  });

  it.each([
    ['drop-column', 'ALTER TABLE booking DROP COLUMN phone'],
    ['drop-column', 'ALTER TABLE booking ADD COLUMN a int, DROP phone'],
    ['rename', 'ALTER TABLE booking RENAME COLUMN phone TO telephone'],
    ['rename', 'ALTER TABLE booking RENAME TO appointment'],
    ['drop-table', 'DROP TABLE busy_block'],
    ['drop-function', 'DROP FUNCTION claim_time(uuid)'],
    ['revoke', 'REVOKE SELECT ON booking FROM receptionist_tenant'],
    ['change-type', 'ALTER TABLE booking ALTER COLUMN phone TYPE varchar(20)'],
    ['volatile-default', 'ALTER TABLE booking ADD COLUMN token uuid DEFAULT gen_random_uuid()'],
    [
      'generated-column',
      'ALTER TABLE booking ADD COLUMN d date GENERATED ALWAYS AS (starts_at::date) STORED',
    ],
    ['not-null-column', 'ALTER TABLE booking ADD COLUMN token uuid NOT NULL'],
    ['set-not-null', 'ALTER TABLE booking ALTER COLUMN phone SET NOT NULL'],
    ['constraint', 'ALTER TABLE booking ADD CHECK (length(phone) > 3)'],
    ['constraint', 'ALTER TABLE booking ADD CONSTRAINT c FOREIGN KEY (tenant_id) REFERENCES tenant'],
    ['index-constraint', 'ALTER TABLE booking ADD CONSTRAINT u UNIQUE (tenant_id, phone)'],
    ['column-constraint', 'ALTER TABLE booking ADD COLUMN locale text CHECK (length(locale) > 1)'],
    ['index', 'CREATE INDEX booking_by_email ON booking (tenant_id, email)'],
    ['drop-index', 'DROP INDEX booking_by_phone'],
    ['reindex', 'LOCK TABLE booking IN EXCLUSIVE MODE'],
    ['backfill', `UPDATE booking SET purpose = 'none' WHERE purpose IS NULL`],
    ['concurrently-in-a-transaction', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON booking (tenant_id)'],
    ['row-security-off', 'ALTER TABLE booking NO FORCE ROW LEVEL SECURITY'],
  ])('may not: %s', (rule, statement) => {
    expect(violationsOf(`-- Comment; with 'a quote\n${statement};`)).toEqual([
      { rule, statement: statement.slice(0, 120) },
    ]);
  });

  it.each([
    ['a column without a default', 'ALTER TABLE booking ADD COLUMN locale text'],
    [
      'a column with a constant default',
      `ALTER TABLE booking ADD COLUMN locale text NOT NULL DEFAULT 'en-US'`,
    ],
    [
      'a constraint on what comes',
      'ALTER TABLE booking ADD CONSTRAINT c CHECK (length(phone) > 3) NOT VALID',
    ],
    ['that constraint for what is there', 'ALTER TABLE booking VALIDATE CONSTRAINT c'],
    ['a wider constraint', 'ALTER TABLE booking DROP CONSTRAINT c'],
    [
      'an index on a new table',
      'CREATE TABLE fresh (id int NOT NULL CHECK (id > 0)); CREATE INDEX i ON fresh (id)',
    ],
    [
      'an index beside running traffic',
      '-- migrate: without a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON booking (tenant_id)',
    ],
    [
      'a function in place of another',
      'DROP FUNCTION f(int); CREATE FUNCTION f(a int, b int DEFAULT 0) RETURNS int AS $$ UPDATE booking SET a = 1; $$',
    ],
    [
      'an exception that gives its reason',
      '-- exception (index): the table has a row for each tenant\nCREATE INDEX i ON tenant (name)',
    ],
  ])('may: %s', (_, sql) => {
    expect(violationsOf(sql)).toEqual([]);
  });
});
