import { aTenant, connectGoogle, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { ADMIN_KEY } from '../support/test-settings.js';

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string;
  example?: unknown;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
}
interface Operation {
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; example?: unknown; schema?: Schema }[];
  requestBody?: {
    content: Record<string, { schema?: Schema; examples?: Record<string, { value: unknown }> }>;
  };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}
type Method = Parameters<TestApp['request']>[0];

/** Needs what only Google gives: the code and state that come back from the consent page. */
const CALLBACK = '/api/tenant-calendar/callback';

describe('"Try it out" in Swagger UI', () => {
  let app: TestApp;
  let tenant: TestTenant;
  let document: Document;

  beforeAll(async () => {
    app = await startTestApp();
    tenant = await aTenant(app);
    await connectGoogle(app, tenant, 'owner@acme.example');
    ({ body: document } = await app.request<Document>('GET', '/api/docs-json'));
  });
  afterAll(() => app.close());

  /** What Swagger UI fills in from a schema. */
  const sampleOf = ({ $ref, allOf, ...schema }: Schema): unknown => {
    const named = $ref ?? allOf?.[0]?.$ref;
    if (schema.example !== undefined) return schema.example;
    if (named !== undefined) return sampleOf(document.components.schemas[named.split('/').at(-1)!]!);
    if (schema.default !== undefined) return schema.default;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.properties !== undefined) {
      return Object.fromEntries(
        Object.entries(schema.properties).map(([name, inner]) => [name, sampleOf(inner)]),
      );
    }
    if (schema.type === 'array') return [sampleOf(schema.items ?? {})];
    return { string: 'string', number: 0, integer: 0, boolean: true }[schema.type ?? ''] ?? {};
  };

  it('works for every route as it is filled in: an id that does not exist is the only thing refused', async () => {
    const refused: string[] = [];
    let tried = 0;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { parameters = [], requestBody, security = [] }] of Object.entries(operations)) {
        if (path === CALLBACK) continue;
        const query = new URLSearchParams();
        const headers: Record<string, string> = {};
        let url = path;
        for (const { name, in: where, example, schema } of parameters) {
          const value =
            example ??
            schema?.example ??
            schema?.default ??
            (where === 'path' ? schema?.enum?.[0] : undefined);
          if (typeof value !== 'string' && typeof value !== 'number') continue;
          if (where === 'path') url = url.replace(`{${name}}`, `${value}`);
          if (where === 'query') query.set(name, `${value}`);
          if (where === 'header') headers[name] = `${value}`;
        }
        const [content] = Object.values(requestBody?.content ?? {});
        const [example] = Object.values(content?.examples ?? {});
        const body = content === undefined ? undefined : (example?.value ?? sampleOf(content.schema ?? {}));
        const isAdmin = security.some((scheme) => 'admin-key' in scheme);
        url = `${url}?${query.toString()}`;
        const { status } = await app.request(method.toUpperCase() as Method, url, {
          key: isAdmin ? ADMIN_KEY : tenant.key,
          body,
          headers,
        });
        tried += 1;
        const named = parameters.some(({ in: where, name }) => where === 'path' && /id$/i.test(name));
        // Of a connection that does not exist no more is told than of one that is not let in.
        const isConnections = security.every((scheme) => 'agent-connection' in scheme);
        if (status >= 400 && !(named && status === (isConnections && security.length > 0 ? 401 : 404))) {
          refused.push(`${method} ${url} ${JSON.stringify(body)}: ${status}`);
        }
      }
    }
    expect(refused).toEqual([]);
    expect(tried).toBeGreaterThan(15);
  });
});
