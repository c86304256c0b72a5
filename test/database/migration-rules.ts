/**
 * What a migration may not do to a table that the running service uses: hold it for as long as all its rows take, or take away
 * what the previous release relies on. A statement that has to be an exception says why, in a comment directly above it:
 * `-- exception (rule): reason`.
 */
export interface Violation {
  rule: string;
  statement: string;
}

interface Statement {
  text: string;
  exceptions: string[];
}

const WITHOUT_TRANSACTION = /^-- migrate: without a transaction\s*$/m;

/** Each rule looks at one action on one table that this migration has not made itself. */
const RULES: readonly { rule: string; breaks: RegExp }[] = [
  // Contract: what the previous release still reads or calls.
  { rule: 'drop-column', breaks: /^ALTER TABLE .* DROP (?:COLUMN )?(?!CONSTRAINT|DEFAULT|NOT NULL)\w+/ },
  { rule: 'rename', breaks: /^ALTER .* RENAME / },
  { rule: 'drop-table', breaks: /^DROP (?:TABLE|VIEW|TYPE|SCHEMA|ROLE)/ },
  { rule: 'revoke', breaks: /^REVOKE / },
  // Rewrites: the table is unusable until every row is written anew.
  { rule: 'change-type', breaks: /^ALTER TABLE .* ALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE / },
  {
    rule: 'volatile-default',
    breaks: /^ALTER TABLE .* ADD (?:COLUMN )?.* DEFAULT (?:gen_random_uuid|clock_timestamp|random|nextval)/,
  },
  { rule: 'generated-column', breaks: /^ALTER TABLE .* ADD (?:COLUMN )?.* GENERATED ALWAYS AS/ },
  // Scans: the table is unusable until every row has been looked at.
  {
    rule: 'not-null-column',
    breaks: /^ALTER TABLE \S+ ADD (?:COLUMN )?(?!CONSTRAINT|CHECK)(?!.* DEFAULT ).* NOT NULL/,
  },
  { rule: 'set-not-null', breaks: /^ALTER TABLE .* SET NOT NULL/ },
  {
    rule: 'constraint',
    breaks: /^ALTER TABLE \S+ ADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)(?!.*NOT VALID)/,
  },
  {
    rule: 'index-constraint',
    breaks: /^ALTER TABLE \S+ ADD (?:CONSTRAINT \w+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?!.*USING INDEX)/,
  },
  { rule: 'column-constraint', breaks: /^ALTER TABLE \S+ ADD COLUMN .* (?:CHECK|UNIQUE|REFERENCES)\b/ },
  { rule: 'index', breaks: /^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)/ },
  { rule: 'drop-index', breaks: /^DROP INDEX (?!CONCURRENTLY)/ },
  { rule: 'reindex', breaks: /^(?:REINDEX (?!.*CONCURRENTLY)|CLUSTER|VACUUM FULL|TRUNCATE|LOCK TABLE)/ },
  // All rows in one transaction: a job does that in batches.
  { rule: 'backfill', breaks: /^(?:UPDATE|DELETE FROM|INSERT INTO .* SELECT) / },
  { rule: 'row-security-off', breaks: /^ALTER TABLE .* (?:DISABLE|NO FORCE) ROW LEVEL SECURITY/ },
];

export function violationsOf(sql: string): Violation[] {
  const statements = statementsOf(sql);
  const made = new Set(
    statements.flatMap(({ text }) => /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/.exec(text)?.[1] ?? []),
  );
  const functions = new Set(
    statements.flatMap(({ text }) => /^CREATE (?:OR REPLACE )?FUNCTION (\w+)/.exec(text)?.[1] ?? []),
  );
  return statements.flatMap(({ text, exceptions }) => {
    const found = actionsOf(text)
      .filter((action) => !made.has(tableOf(action) ?? ''))
      .flatMap((action) => RULES.filter(({ breaks }) => breaks.test(action)).map(({ rule }) => rule));
    const dropped = /^DROP FUNCTION (?:IF EXISTS )?(\w+)/.exec(text)?.[1];
    if (dropped !== undefined && !functions.has(dropped)) found.push('drop-function');
    if (/^(?:CREATE|DROP) (?:UNIQUE )?INDEX CONCURRENTLY/.test(text) && !WITHOUT_TRANSACTION.test(sql)) {
      found.push('concurrently-in-a-transaction');
    }
    return found
      .filter((rule) => !exceptions.includes(rule))
      .map((rule) => ({ rule, statement: text.slice(0, 120) }));
  });
}

/** One statement of `ALTER TABLE` for each of its actions. */
function actionsOf(text: string): string[] {
  const [, head, actions] = /^(ALTER TABLE (?:IF EXISTS )?(?:ONLY )?\w+) (.*)$/.exec(text) ?? [];
  if (head === undefined || actions === undefined) return [text];
  return splitOutside(actions, ',').map((action) => `${head} ${action.trim()}`);
}

function tableOf(text: string): string | undefined {
  return (
    /^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX .* ON|UPDATE|DELETE FROM|INSERT INTO|TRUNCATE) (?:IF EXISTS )?(?:ONLY )?(\w+)/.exec(
      text,
    )?.[1] ?? undefined
  );
}

/** Statements on one line each, without comments and without the bodies of functions. */
function statementsOf(sql: string): Statement[] {
  const bodiless = sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''");
  const statements: Statement[] = [];
  for (const part of splitOutside(bodiless, ';')) {
    const exceptions = [...part.matchAll(/^\s*-- exception \(([\w-]+)\): \S.*$/gm)].map(
      ([, rule]) => rule ?? '',
    );
    const text = part.replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim();
    if (text !== '') statements.push({ text, exceptions });
  }
  return statements;
}

/** Splits where the separator is in no parentheses, no quotes and no comment. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const [token] of text.matchAll(/--.*|'(?:[^']|'')*'|[\s\S]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === separator && depth === 0) {
      parts.push(part);
      part = '';
    } else part += token;
  }
  return [...parts, part];
}
