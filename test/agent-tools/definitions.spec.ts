import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';
import { aService, askForDefinitions, definitionsOf } from './definitions.js';
import { aConnection } from './platforms/connection.js';

let service: TestApp;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  service = await startTestApp();
});
beforeEach(async () => {
  tenant = await aTenant(service);
  other = await aTenant(service);
  await Promise.all([
    aService(service, tenant, 'Root canal "deluxe"'),
    aService(service, tenant, 'Limpieza ñandú'),
    aService(service, other, 'Oil change'),
  ]);
});
afterAll(() => service.close());

const definitions = (query: string, asking: Pick<TestTenant, 'key'> = tenant) =>
  definitionsOf(service, asking, query);

const TOOLS = [
  'check_availability',
  'create_booking',
  'hold_slot',
  'find_booking',
  'reschedule_booking',
  'cancel_booking',
  'list_services',
  'get_business_info',
];

/** What each format has of check_availability: where its name stands, and where its JSON schema does. */
const SHAPES: Record<string, { shape: object; perTool: boolean; bearer: boolean }> = {
  generic: {
    shape: { name: 'check_availability', method: 'POST', readOnly: true },
    perTool: true,
    bearer: true,
  },
  openai: {
    shape: { type: 'function', name: 'check_availability', strict: true },
    perTool: false,
    bearer: false,
  },
  openai_realtime: { shape: { type: 'function', name: 'check_availability' }, perTool: false, bearer: false },
  vapi: {
    shape: { type: 'function', async: false, function: { name: 'check_availability' } },
    perTool: false,
    bearer: true,
  },
  retell: { shape: { type: 'custom', name: 'check_availability' }, perTool: false, bearer: true },
  elevenlabs: {
    shape: { type: 'webhook', name: 'check_availability', api_schema: { method: 'POST' } },
    perTool: true,
    bearer: true,
  },
  bland: {
    shape: {
      name: 'check_availability',
      method: 'POST',
      headers: {
        'X-Caller-Number': '{{phone_number}}',
        'X-Called-Number': '{{to}}',
        'X-Call-Id': '{{call_id}}',
      },
      body: { input: { date: '{{input.date}}' } },
      input_schema: { type: 'object', required: ['date'] },
      response: { answer: '$.say', slot_1_id: '$.slot_1_id', booking_reference: '$.booking_reference' },
    },
    perTool: true,
    bearer: true,
  },
  ultravox: {
    shape: {
      modelToolName: 'check_availability',
      automaticParameters: [
        { name: 'X-Call-Id', location: 'PARAMETER_LOCATION_HEADER', knownValue: 'KNOWN_PARAM_CALL_ID' },
      ],
      precomputable: true,
      http: { httpMethod: 'POST' },
    },
    perTool: true,
    bearer: true,
  },
  telnyx: {
    shape: { type: 'webhook', webhook: { name: 'check_availability' } },
    perTool: true,
    bearer: false,
  },
  twilio: { shape: { name: 'check_availability' }, perTool: true, bearer: false },
  synthflow: {
    shape: { CUSTOM_ACTION: { http_mode: 'POST', name: 'check_availability' } },
    perTool: true,
    bearer: true,
  },
};

/** What the platform has already, where it signs with that. */
const THEIRS: Record<string, string> = {
  telnyx: Buffer.alloc(32, 7).toString('base64'),
  twilio: '0123456789abcdef0123456789abcdef',
};

/** Everything that is called `key`, however deep. */
function findAll(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key ? [inner as unknown] : []),
    ...findAll(inner, key),
  ]);
}

describe('the definitions', () => {
  it('come in a format for each platform, and in no other', async () => {
    const { status, body } = await askForDefinitions(service, tenant, 'format=fax');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_input', errors: [{ field: 'format' }] });
    for (const format of [...Object.keys(SHAPES), 'mcp']) {
      expect(await definitions(`format=${format}`)).toMatchObject({ format });
    }
    expect(await definitions('')).toMatchObject({ format: 'generic' });
  });

  describe.each(Object.entries(SHAPES))('for %s', (format, { shape, perTool, bearer }) => {
    const platform = format.replace('_realtime', '');

    it('have every tool, in that shape, with the address of the connection and the header to send', async () => {
      const secret = THEIRS[platform];
      const wish = { platform, ...(secret === undefined ? {} : { secret }) };
      const connection = await aConnection(service, tenant, wish);
      const { tools, url, connectionId, headers } = await definitions(`format=${format}`);
      expect(connectionId).toBe(connection.id);
      expect(url).toBe(connection.url);
      expect(tools).toHaveLength(TOOLS.length);
      expect(tools[0]).toMatchObject(shape);
      const text = JSON.stringify(tools);
      for (const tool of TOOLS) {
        expect(text).toContain(`"${tool}"`);
        if (perTool) expect(text).toContain(`"${connection.url}/${tool}"`);
      }
      if (!perTool && !format.startsWith('openai')) expect(text).toContain(`"${connection.url}"`);
      if (bearer) expect(text).toContain('Bearer <secret>');
      if (format.startsWith('openai')) expect(headers).toEqual({ Authorization: 'Bearer <secret>' });
      expect(text).not.toContain(connection.secret);
    });

    it('name the services of this tenant, and not those of another', async () => {
      const text = JSON.stringify(await definitions(`format=${format}`));
      expect(text).toContain('Limpieza ñandú');
      expect(text).toMatch(/Root canal \\+"deluxe\\+"/);
      expect(text).not.toContain('Oil change');
    });

    it('have nothing in their schemas but flat objects of plain types', async () => {
      const { tools } = await definitions(`format=${format}`);
      for (const word of ['$ref', 'oneOf', 'anyOf', 'allOf', 'default'])
        expect(findAll(tools, word)).toEqual([]);
      for (const properties of findAll(tools, 'properties') as Record<string, { type: unknown }>[]) {
        for (const { type } of Object.values(properties)) {
          expect([['string'], ['string', 'null'], ['integer'], ['integer', 'null']]).toContainEqual(
            [type].flat(),
          );
        }
      }
    });
  });

  it('are strict for OpenAI: every property is required, and null where it may be left out', async () => {
    const { tools } = await definitions('format=openai');
    for (const { parameters } of tools) {
      const { properties, required, additionalProperties } = parameters as {
        properties: Record<string, { type: string | string[]; enum?: unknown[] }>;
        required: string[];
        additionalProperties: boolean;
      };
      expect(additionalProperties).toBe(false);
      expect(required).toEqual(Object.keys(properties));
      for (const { type, enum: values } of Object.values(properties)) {
        if (values !== undefined) expect(values.includes(null)).toBe(type.includes('null'));
      }
    }
    const { properties } = tools[0]?.['parameters'] as { properties: Record<string, { type: unknown }> };
    expect(properties['date']?.type).toBe('string');
    expect(properties['time']?.type).toEqual(['string', 'null']);
    expect((await definitions('format=openai_realtime')).tools[0]).not.toHaveProperty('strict');
  });

  it('let nothing be called before the model has decided to, but what has no effect', async () => {
    const { tools } = await definitions('format=ultravox');
    const precomputable = tools.filter((tool) => tool['precomputable'] === true);
    expect(precomputable.map(({ modelToolName }) => modelToolName)).toEqual([
      'check_availability',
      'find_booking',
      'list_services',
      'get_business_info',
    ]);
  });

  it('hold none of the words that Bland keeps for itself', async () => {
    const words =
      /^(?:input|speak|transfer|switch|wait|finish|press|button|say|pause|record|play|dial|hang)$/;
    const { tools } = await definitions('format=bland');
    for (const { name, response, input_schema } of tools) {
      const variables = [...findAll(input_schema, 'properties'), response].flatMap((all) =>
        Object.keys(all as object),
      );
      for (const word of [String(name), ...variables]) expect(word).not.toMatch(words);
    }
  });

  it('are one server for MCP', async () => {
    const connection = await aConnection(service, tenant, { platform: 'mcp' });
    expect(await definitions('format=mcp')).toMatchObject({
      connectionId: connection.id,
      url: 'http://calendar.test/mcp',
      tools: [
        {
          type: 'mcp',
          server_label: 'calendar',
          server_url: 'http://calendar.test/mcp',
          authorization: '<secret>',
          require_approval: 'never',
        },
      ],
    });
  });

  it('have a paragraph for the prompt, with the name of the business', async () => {
    const { instructions } = await definitions('format=vapi');
    expect(instructions).toContain('Acme Dental');
    expect(instructions).toContain('check_availability');
  });

  it('leave names out where there are too many, or too long ones, for a schema', async () => {
    for (let count = 0; count < 26; count++) await aService(service, other, `${'x'.repeat(195)} ${count}`);
    const { tools } = await definitions('format=openai', other);
    expect(JSON.stringify(tools)).not.toContain('Oil change');
    expect(JSON.stringify(tools)).toContain('"service"');
  });
});
