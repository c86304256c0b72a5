import { readFileSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** PostgreSQL's name for each type that the schema uses, by its Prisma type or `@db.` attribute. */
const TYPES: Record<string, string> = {
  '@db.Uuid': 'uuid',
  '@db.Timestamptz(3)': 'timestamp with time zone',
  '@db.Date': 'date',
  'Unsupported("tstzrange")': 'tstzrange',
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Json: 'jsonb',
  Bytes: 'bytea',
};

/** `table.column type` and whether it can be null, for every field of the Prisma schema. */
function describedColumns(): string[] {
  const schema = readFileSync('prisma/schema.prisma', 'utf8');
  return [...schema.matchAll(/^model \w+ \{\n(.*?)^\}/gms)].flatMap(([, body = '']) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    const fields = body.split('\n').filter((line) => /^ {2}\w/.test(line));
    return fields.map((line) => {
      const [, field, type = '', optional] =
        /^ {2}(\w+)\s+(Unsupported\("\w+"\)|\w+(?:\[\])?)(\?)?/.exec(line) ?? [];
      const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? field;
      const attribute = /@db\.\w+(\(\d\))?/.exec(line)?.[0];
      const columnType = type.endsWith('[]') ? 'ARRAY' : TYPES[attribute ?? type];
      return `${table}.${column} ${columnType}${optional ? ' null' : ''}`;
    });
  });
}

describe('prisma/schema.prisma', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('describes exactly the tables that the migrations make', async () => {
    const columns = await database.query<{ column: string }>(
      `SELECT table_name || '.' || column_name || ' ' ||
         CASE data_type WHEN 'USER-DEFINED' THEN udt_name ELSE data_type END ||
         CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS column
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
    );
    expect(describedColumns().sort()).toEqual(columns.map(({ column }) => column).sort());
  });
});
