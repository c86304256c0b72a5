import fc from 'fast-check';
import { at, upcoming } from '../support/dates.js';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

/** What the contract allows; 503 only when something is down, and nothing is. */
const ALLOWED = new Set([200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 413, 415, 422]);
/** What the inside is made of, and what nobody outside should see of it. */
const INSIDE =
  /select |insert into|update .* set|pg_|prisma|relation "|column "|node_modules|\.ts:\d|\.js:\d|\/src\/|at .*\(.*:\d+:\d+\)|duplicate key|violates|ECONN|TypeError|RangeError|SyntaxError|receptionist_tenant/i;

interface Parameter {
  name: string;
  in: string;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}
interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  example?: unknown;
}
interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  parameters: Parameter[];
  fields: string[];
}

describe('every route of the OpenAPI document, with hostile input', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let routes: Route[];
  /** A service and a resource that nothing else needs, so that they may be changed in every way but be deleted. */
  let spares: string[];
  /** What fits, by the name of the field or parameter. */
  let fitting: Record<string, unknown[]>;

  beforeAll(async () => {
    app = await startTestApp();
    tenant = await aTenant(app);
    const { body } = await app.request<{
      paths: Record<string, Record<string, Operation>>;
      components: { schemas: Record<string, Schema> };
    }>('GET', '/api/docs-json');
    routes = Object.entries(body.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
        method: method.toUpperCase() as Route['method'],
        path,
        parameters,
        fields: fieldsOf(requestBody?.content?.['application/json']?.schema, body.components.schemas),
      })),
    );
    const day = await app.request<{
      service: { id: string };
      slots: { slotId: string; startsAt: string; resourceId: string }[];
    }>('GET', `/api/availability?date=${upcoming(2)}`, { key: tenant.key });
    const { service, slots } = day.body;
    const booked = await app.request<{ id: string }>('POST', '/api/bookings', {
      key: tenant.key,
      body: { slotId: slots[0]!.slotId, name: 'Ana', phone: '+14155550123' },
    });
    const spare = async (path: string, body: object): Promise<string> =>
      (await app.request<{ id: string }>('POST', path, { key: tenant.key, body })).body.id;
    spares = [
      await spare('/api/services', { name: 'Spare', durationMinutes: 30, resourceIds: [] }),
      await spare('/api/resources', { name: 'Spare' }),
    ];
    const [conflict] = await app.database.query<{ id: string }>(
      `WITH account AS (
         INSERT INTO calendar_connection (tenant_id, account_sub, scopes, state) VALUES ($1, 'sub', '{}', 'disconnected')
         RETURNING id),
       calendar AS (
         INSERT INTO calendar (tenant_id, connection_id, google_id, summary, timezone) SELECT $1, id, 'primary', '', 'UTC' FROM account
         RETURNING id)
       INSERT INTO calendar_conflict (tenant_id, kind, booking_id, calendar_id, event_id, starts_at, ends_at)
       SELECT $1, 'event_over_booking', b.id, calendar.id, 'event', b.starts_at, b.ends_at FROM booking b, calendar
       WHERE b.tenant_id = $1 RETURNING id`,
      [tenant.id],
    );
    fitting = {
      ...{
        id: [tenant.id, booked.body.id, conflict!.id, ...spares],
        tenantId: [tenant.id],
        bookingId: [booked.body.id],
        keyId: [tenant.id],
      },
      ...{ serviceId: [service.id], resourceId: [slots[0]!.resourceId], limit: ['1', '200', 20] },
      ...{ slotId: slots.map(({ slotId }) => slotId), startsAt: slots.map(({ startsAt }) => startsAt) },
      ...{ slot_id: slots.map(({ slotId }) => slotId), service: ['Appointment'], resource: ['Ana'] },
      ...{ date: [upcoming(2), 'tomorrow', 'next Tuesday'], time: ['2 PM', '14:00', 'noon', '7'] },
      ...{ from: [upcoming(1), at(upcoming(1), '00:00')], to: [at(upcoming(2), '00:00')] },
      ...{
        timePreference: ['any', 'morning'],
        time_preference: ['any', 'evening'],
        status: ['confirmed', 'failed'],
      },
      ...{ name: ['Ana Flores', 'X'], phone: ['+14155550123', '+49 30 901820'], email: ['ana@example.com'] },
      ...{
        purpose: ['Check-up'],
        reason: ['ill'],
        tool: ['check_availability', 'createBooking', 'no_such_tool'],
      },
      ...{
        timezone: ['America/New_York', 'Asia/Kathmandu'],
        locale: ['en-US', 'de-DE'],
        scopes: [['dashboard']],
      },
      ...{
        unreadableCalendarPolicy: ['refuse', 'use_last_known'],
        format: ['generic', 'openai', 'openai_realtime'],
      },
      ...{ weekly: [[1, 2, 3, 4, 5].map((day) => ({ day, start: '09:00', end: '17:00' }))], overrides: [[]] },
      ...{
        ...{ durationMinutes: [1, 30, 1440], slotStepMinutes: [15], bufferBeforeMinutes: [0, 480] },
        ...{ bufferAfterMinutes: [10], minNoticeMinutes: [60], maxAdvanceDays: [730], maxPerDay: [1, null] },
        ...{ resourceIds: [[], spares], description: ['Once a year.', null], active: [true, false] },
        workingHours: [null, { weekly: [{ day: 7, start: '22:00', end: '02:00' }], overrides: [] }],
        calendars: [null, { read: spares, write: null }],
        holidays: [[], [{ date: '2031-12-25', name: 'Christmas Day' }]],
        ...{
          endsAt: [at(upcoming(2), '17:00')],
          fromDate: [upcoming(1)],
          toDate: [upcoming(1), '2011-12-30'],
        },
      },
      ...{
        state: ['open', 'resolved'],
        action: ['dismiss', 'keep_booking', 'accept_event', 'cancel_booking'],
        calendarStaleAfterMinutes: [5, 60, 1440],
      },
      ...{
        'Idempotency-Key': ['one', 'two'],
        'X-Request-Id': ['mine'],
        returnTo: ['https://dashboard.test/back'],
      },
    };
  });
  afterAll(() => app.close());

  const hostile = () =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    );
  /** Mostly something that belongs there, so that requests get past the first check. */
  const valueOf = (name: string) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...(fitting[name] ?? ['x'])) },
      { weight: 1, arbitrary: hostile() },
    );
  const valuesOf = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, valueOf(name)])), { requiredKeys: [] });

  const request = () =>
    fc.constantFrom(...routes).chain((route) =>
      fc.record({
        route: fc.constant(route),
        key: fc.oneof(
          { weight: 6, arbitrary: fc.constant(route.path.includes('/admin/') ? ADMIN_KEY : tenant.key) },
          { weight: 1, arbitrary: fc.constantFrom(tenant.key, ADMIN_KEY, undefined, 'nonsense', '\u00e9') },
        ),
        parameters: valuesOf(route.parameters.map(({ name }) => name)),
        body: fc.oneof({ weight: 6, arbitrary: valuesOf(route.fields) }, { weight: 1, arbitrary: hostile() }),
        raw: fc.oneof(
          { weight: 12, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.constantFrom(...BODIES) },
        ),
        type: fc.oneof(
          { weight: 12, arbitrary: fc.constant('application/json') },
          { weight: 1, arbitrary: fc.constantFrom('text/plain', 'x', 'application/xml;') },
        ),
      }),
    );

  it('is answered as the contract says, and tells nothing of the inside', async () => {
    await fc.assert(
      fc.asyncProperty(request(), async ({ route, key, parameters, body, raw, type }) => {
        const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
          encodeURIComponent(asText(parameters[name] ?? tenant.id)),
        );
        const query = new URLSearchParams(
          route.parameters
            .filter((one) => one.in === 'query' && one.name in parameters)
            .map(({ name }): [string, string] => [name, asText(parameters[name])]),
        ).toString();
        const headers = Object.fromEntries(
          route.parameters
            .filter((one) => one.in === 'header' && one.name in parameters)
            .map(({ name }) => [name, asText(parameters[name]).replace(/[^\x20-\x7e]/g, '?')]),
        );
        // The tenant itself goes on: only requests about others may delete or take away its key.
        if (route.method === 'DELETE' && [tenant.id, ...spares].some((id) => path.includes(id))) return;
        const hasBody = route.method !== 'GET' && route.method !== 'DELETE';
        const answer = await app.request<string | Record<string, unknown>>(
          route.method,
          query === '' ? path : `${path}?${query}`,
          {
            key,
            headers: {
              ...headers,
              ...(hasBody ? { 'content-type': raw === null ? 'application/json' : type } : {}),
            },
            ...(hasBody ? { body: raw ?? JSON.stringify(body ?? null) } : {}),
          },
        );
        expect(ALLOWED).toContain(answer.status);
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        const isRpc = path === '/mcp' && (answer.body as { jsonrpc?: unknown }).jsonrpc === '2.0';
        if (isRpc) {
          // MCP has a shape of its own for what is wrong with a message, and with its headers.
          expect(text).not.toMatch(INSIDE);
        } else if (answer.status >= 400 && !path.endsWith('/callback')) {
          expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
          expect(answer.body).toMatchObject({
            status: answer.status,
            code: expect.stringMatching(/^[a-z_]+$/) as string,
            traceId: answer.headers['x-request-id'],
          });
          const { instance, errors, detail, ...rest } = answer.body as Record<string, unknown>;
          expect(JSON.stringify(rest)).not.toMatch(INSIDE);
          expect(text.length).toBeLessThan(20_000);
          expect([typeof instance, typeof detail, typeof errors]).not.toContain('number');
        }
        if (route.path.includes('agent-tools') && answer.status === 200 && route.method === 'POST') {
          expect(answer.body).toMatchObject({
            ok: expect.any(Boolean) as boolean,
            say: expect.stringMatching(/^[^\n]{5,400}$/) as string,
          });
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1200), endOnFailure: false },
    );
  }, 60_000);
});

function asText(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();
}

function fieldsOf(schema: Schema | undefined, schemas: Record<string, Schema>): string[] {
  if (schema === undefined) return [];
  const found = schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1) ?? ''];
  const own = Object.keys(found?.properties ?? {});
  return [...own, ...(found?.anyOf ?? []).flatMap((one) => fieldsOf(one, schemas))];
}

const HOSTILE: readonly unknown[] = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\u202e',
    "'; DROP TABLE booking; --",
    '<script>alert(1)</script>',
    '%00',
    '%',
    '\\',
    '\r\nX: y',
  ],
  ...[
    '2027-02-30',
    '0000-01-01',
    '+275760-09-13',
    '2027-W03',
    '20270120',
    '2027-01-20T14:00:60Z',
    '2027-01-20T24:00:00Z',
  ],
  ...[
    '2027-01-20T14:00:00+99:99',
    '9999-12-31T23:59:59Z',
    '-000001-01-01T00:00:00Z',
    '2027-01-20t14:00z',
    '24:00',
    '25:61',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    'not-a-uuid',
    '../../admin',
    '__proto__',
  ],
  ...[
    'constructor',
    'toString',
    'NaN',
    'Infinity',
    '-1',
    '1e309',
    '0x10',
    '99999999999999999999',
    'Etc/GMT+25',
    'UTC',
    'xx-YY-zz',
  ],
  ...[
    'NSAtLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0',
    'A'.repeat(48),
    '-'.repeat(48),
    '_'.repeat(48),
    'x'.repeat(5000),
  ],
  ...[
    0,
    -1,
    1.5,
    1e21,
    Number.MAX_SAFE_INTEGER,
    -0,
    true,
    false,
    null,
    [],
    {},
    [null],
    [[]],
    [{}],
    { length: 1e9 },
    { toString: 1 },
  ],
  ...[
    { constructor: { prototype: {} } },
    ['dashboard'],
    ['dashboard', 'agent', 'admin'],
    [{ day: 1, start: '09:00', end: '17:00' }],
  ],
  ...[
    [{ day: 8, start: '24:00', end: 'x' }],
    [{ date: '2027-02-30', intervals: [] }],
    [{ date: '2027-02-28', intervals: [null] }],
  ],
];

const BODIES = [
  '',
  '{',
  'null',
  '"x"',
  '[]',
  '{"__proto__":{"x":1}}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  '{"a":1e999}',
  '\u0000',
  'a=b&c=d',
];
