import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Schema {
  $ref?: string;
  type?: string;
  example?: unknown;
  examples?: unknown;
  enum?: unknown;
  default?: unknown;
  format?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  additionalProperties?: unknown;
}
type Content = Record<
  string,
  { schema?: Schema; example?: unknown; examples?: Record<string, { value?: unknown }> }
>;
interface Operation {
  summary?: string;
  description?: string;
  operationId: string;
  tags?: string[];
  security?: Record<string, unknown>[];
  parameters?: {
    name: string;
    in: string;
    description?: string;
    required?: boolean;
    example?: unknown;
    schema?: Schema;
  }[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; content?: Content }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Open to everybody: nothing else may be. */
const PUBLIC = /^\/(health\/(live|ready)|api\/tenant-calendar\/callback|api\/google\/notifications)$/;

describe('the OpenAPI document', () => {
  let text: string;
  let document: Document;
  let operations: [string, Operation][];
  beforeAll(async () => {
    // As it is built: types reach the document through what the compiler writes down, and compilers differ.
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/write-openapi.js', '--stdout'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    text = stdout;
    document = JSON.parse(text) as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });

  /** The operations that `isRight` does not hold for, by name: an empty list is what a test wants to see. */
  const wrong = (isRight: (operation: Operation, name: string) => boolean) =>
    operations.filter(([name, operation]) => !isRight(operation, name)).map(([name]) => name);
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

  /** Where in a schema nothing says what a value looks like. */
  function withoutExample(given: Schema, path: string, seen: readonly Schema[] = []): string[] {
    const schema = resolve(given);
    if (given.example !== undefined || schema.example !== undefined || seen.includes(schema)) return [];
    const inner = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
    if (inner.length > 0) return inner.flatMap((part) => withoutExample(part, path, [...seen, schema]));
    if (schema.properties !== undefined) {
      return Object.entries(schema.properties).flatMap(([name, member]) =>
        withoutExample(member, `${path}.${name}`, [...seen, schema]),
      );
    }
    if (schema.items !== undefined) return withoutExample(schema.items, `${path}[]`, [...seen, schema]);
    return schema.enum === undefined && schema.default === undefined && schema.examples === undefined
      ? [path]
      : [];
  }

  it('is checked in as the application makes it (otherwise: npm run openapi)', async () => {
    expect(await readFile('openapi.json', 'utf8')).toBe(text);
  });

  it('describes the whole service', () => {
    expect(operations.length).toBeGreaterThan(20);
  });

  it('gives every operation a summary, a tag and an id of its own', () => {
    expect(wrong(({ summary = '', tags = [] }) => summary !== '' && tags.length > 0)).toEqual([]);
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says for every operation which credential it takes', () => {
    expect(
      wrong(({ security = [] }, name) => security.length > 0 || PUBLIC.test(name.split(' ')[1] ?? '')),
    ).toEqual([]);
  });

  it('describes every answer in words', () => {
    expect(
      wrong(({ responses }) => Object.values(responses).every(({ description = '' }) => description !== '')),
    ).toEqual([]);
  });

  it('gives an example of every body, parameter and answer', () => {
    const missing = operations.flatMap(([name, { parameters = [], requestBody, responses }]) => [
      ...parameters
        .filter(
          ({ example, schema, required }) =>
            required === true && example === undefined && withoutExample(schema ?? {}, '').length > 0,
        )
        .map((parameter) => `${name}: parameter ${parameter.name}`),
      ...examplesMissingIn(requestBody?.content ?? {}, `${name}: body`),
      ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
        examplesMissingIn(content, `${name}: ${status}`),
      ),
    ]);
    expect(missing).toEqual([]);
  });

  function examplesMissingIn(content: Content, name: string): string[] {
    return Object.values(content).flatMap(({ schema = {}, example, examples }) =>
      example === undefined && examples === undefined ? withoutExample(schema, name) : [],
    );
  }

  it('names the same states of the calendars wherever an answer tells of them', () => {
    const found: unknown[] = [];
    JSON.parse(text, (key, value: unknown) => {
      const schema = value as Schema | null;
      const { state } = schema?.properties ?? {};
      if (Array.isArray(state?.enum) && state.enum.includes('not_connected')) found.push(state.enum);
      return value;
    });
    expect(found).toEqual(found.map(() => ['not_connected', 'fresh', 'stale', 'unknown']));
    // Of the API's answer and of each tool's.
    expect(found.length).toBeGreaterThan(1);
  });

  it('describes success for every operation', () => {
    expect(wrong(({ responses }) => Object.keys(responses).some((status) => /^[23]/.test(status)))).toEqual(
      [],
    );
  });

  it('describes the refusals that follow from credential, input and path, all as problems', () => {
    const isConnections = (security: readonly object[]) =>
      security.length > 0 && security.every((scheme) => 'agent-connection' in scheme);
    const expected = ({ security = [], requestBody }: Operation, name: string) => [
      ...(requestBody === undefined ? [] : ['400']),
      ...(security.length === 0 ? [] : ['401']),
      ...(security.length === 0 || isConnections(security) ? [] : ['403']),
      ...(name.includes('{') && !isConnections(security) ? ['404'] : []),
      ...(name.includes('/health/') ? [] : ['429']),
      '503',
    ];
    expect(
      wrong((operation, name) => expected(operation, name).every((status) => status in operation.responses)),
    ).toEqual([]);
    const problems = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400)
        .map(([status, { content }]) => ({ name: `${name} ${status}`, status, content: content ?? {} }))
        // Pages for a person who connects a calendar.
        .filter(({ content }) => !('text/html' in content)),
    );
    expect(
      problems
        .filter(({ content }) => Object.keys(content).join() !== 'application/problem+json')
        .map(({ name }) => name),
    ).toEqual([]);
    for (const { status, content } of problems) {
      expect(content['application/problem+json']?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
      for (const { value } of Object.values(content['application/problem+json']?.examples ?? {})) {
        expect(value).toMatchObject({
          status: Number(status),
          type: expect.stringMatching(/^urn:/) as string,
        });
      }
    }
    expect(
      problems
        .map(({ status }) => status)
        .filter((status) => !/^(400|401|403|404|409|422|429|503)$/.test(status)),
    ).toEqual([]);
  });
});
