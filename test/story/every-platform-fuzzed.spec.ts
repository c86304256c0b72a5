import fc from 'fast-check';
import { aTenant, startTestApp, type TestApp, type TestTenant } from '../support/test-app.js';

/** Those that are let in by a secret alone; who signs, signs what it means. */
const PLATFORMS = ['vapi', 'retell', 'elevenlabs', 'openai', 'bland', 'ultravox', 'synthflow', 'generic'];
const TOOLS = [
  ...['check_availability', 'create_booking', 'hold_slot', 'find_booking', 'reschedule_booking'],
  ...['cancel_booking', 'list_services', 'get_business_info', 'no_such_tool', 'checkAvailability', ''],
];
const METHODS = ['POST', 'POST', 'POST', 'GET', 'PUT', 'PATCH', 'DELETE'] as const;
/** What nobody outside should see of the inside. */
const INSIDE =
  /select |insert into|pg_|prisma|node_modules|\.ts:\d|\.js:\d|\/src\/|TypeError|RangeError|SyntaxError|receptionist_tenant|rcac_/i;

/** Names that mean something to one platform or another, so that what is made up comes near to what is sent. */
const NAMES = [
  ...[
    'message',
    'type',
    'toolCallList',
    'toolCalls',
    'toolWithToolCallList',
    'toolCall',
    'function',
    'id',
    'call',
  ],
  ...[
    'name',
    'args',
    'arguments',
    'parameters',
    'input',
    'event',
    'call_inbound',
    'data',
    'event_type',
    'payload',
  ],
  ...[
    'tool_calls',
    'choices',
    'output',
    'item',
    'call_id',
    'date',
    'time',
    'slot_id',
    'phone',
    'reference',
    'hold_id',
  ],
  ...[
    'customer',
    'number',
    'from_number',
    'phone_number',
    'system__caller_id',
    'constructor',
    '__proto__',
    'toString',
  ],
];
const VALUES: readonly unknown[] = [
  ...[
    'tool-calls',
    'function',
    'function_call',
    'call_inbound',
    'call_ended',
    'end-of-call-report',
    ...TOOLS,
  ],
  ...[
    'tomorrow',
    '14:00',
    '+14155550123',
    'anonymous',
    '{{phone}}',
    '\u0000',
    '\ud800',
    'x'.repeat(5000),
    '{"date":',
  ],
  ...['{"date":"tomorrow"}', '[]', 'null', '', null, true, 0, -1, 1e308, [], {}],
];

describe('every platform, let in, with whatever it may send', () => {
  let app: TestApp;
  let tenant: TestTenant;
  const connections = new Map<string, { id: string; secret: string }>();

  beforeAll(async () => {
    app = await startTestApp();
    tenant = await aTenant(app);
    for (const platform of PLATFORMS) {
      const { body } = await app.request<{ id: string; secret: string }>('POST', '/api/agent-connections', {
        key: tenant.key,
        body: { platform, name: 'Front desk' },
      });
      connections.set(platform, body);
    }
  });
  afterAll(() => app.close());

  const body = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
      { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }) },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    ),
  })).value;

  it('is answered 200, by an object that says something and tells nothing of the inside', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          platform: fc.constantFrom(...PLATFORMS),
          method: fc.constantFrom(...METHODS),
          action: fc.oneof(
            fc.constantFrom(...TOOLS),
            fc.constantFrom('inbound', 'events', 'a/b/c', '%00', '%F0'),
          ),
          query: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom('x', '', 'tomorrow', '\u0000'), {
            maxKeys: 3,
          }),
          body,
          type: fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded'),
        }),
        async ({ platform, method, action, query, body: sent, type }) => {
          const { id, secret } = connections.get(platform)!;
          const path = `/api/voice/${platform}/${id}${action === '' ? '' : `/${action}`}?${new URLSearchParams(query).toString()}`;
          const hasBody = method !== 'GET' && method !== 'DELETE';
          const answer = await app.request(method, path, {
            key: secret,
            headers: hasBody ? { 'content-type': type } : {},
            ...(hasBody ? { body: JSON.stringify(sent) } : {}),
          });
          // An address that is none is refused before anybody looks who asks.
          if (action === '%F0') {
            expect(answer.status).toBe(400);
            return;
          }
          expect(answer.status).toBe(200);
          expect(typeof answer.body).toBe('object');
          const text = JSON.stringify(answer.body);
          expect(text.length).toBeGreaterThan(2);
          expect(text.length).toBeLessThan(20_000);
          expect(text).not.toMatch(INSIDE);
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 800), endOnFailure: false },
    );
  }, 120_000);
});
