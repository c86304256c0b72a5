import type { ToolSpecification } from '../../../src/agent-tools/agent-tool.js';
import type { ToolAnswer } from '../../../src/agent-tools/tool-runner.js';
import type { ToolParameters } from '../../../src/agent-tools/tool-parameters.js';
import type { platformNamed } from '../../../src/agent-tools/platforms/platforms.js';
import type { AnsweredToolCall, PlatformRequest } from '../../../src/agent-tools/platforms/voice-platform.js';

/** The code that emits: as built for the script that writes, as it stands for the test that compares. */
interface Code {
  readonly tools: readonly ToolSpecification[];
  readonly platformNames: readonly string[];
  readonly platformNamed: typeof platformNamed;
}

const PUBLIC_URL = 'https://calendar.example.com';
const CONNECTION = '7d0f2a54-4c1e-4b7c-9a55-0d6b8f3f2e11';
/** Of a made-up tenant. */
const NAMES: Partial<Record<string, readonly string[]>> = {
  service: ['Check-up', 'Cleaning & polish'],
  resource: ['Dr. Müller', 'Dr. Ortiz'],
};

/**
 * What voice platforms are given of a made-up tenant, by the names of the fixtures: definitions of tools, answers to their
 * calls and to the webhook of a call that begins. vendor-check/ holds them against the types of the vendors' SDKs.
 */
export function emitted({ tools, platformNames, platformNamed }: Code): Map<string, unknown> {
  const offered = tools.map((tool) => ({ ...tool, parameters: withNames(tool.parameters) }));
  const fixtures = new Map<string, unknown>();
  for (const name of platformNames) {
    const platform = platformNamed(name)!;
    const target = { url: platform.address(PUBLIC_URL, CONNECTION), secret: 'made-up-secret' };
    for (const format of platform.formats) {
      fixtures.set(`definitions/${format}`, platform.define(offered, target, format));
    }
    for (const [answer, body] of Object.entries(BODIES[name] ?? { [name]: {} })) {
      fixtures.set(`answers/${answer}`, platform.render(ANSWERED, { ...REQUEST, body }));
    }
    if (Object.keys(platform.webhooks).length > 0) {
      fixtures.set(`call-starts/${name}`, platform.renderCallStart(AT_THE_START));
    }
  }
  return fixtures;
}

const REQUEST: PlatformRequest = {
  method: 'POST',
  url: PUBLIC_URL,
  headers: {},
  query: new URLSearchParams(),
  action: '',
  rawBody: Buffer.alloc(0),
  body: {},
  receivedAt: 0,
};

/** Where the answer is in the form of the question: what is asked with, by the names of the fixtures. */
const BODIES: Partial<Record<string, Readonly<Record<string, object>>>> = {
  openai: {
    openai_chat: { tool_calls: [] },
    openai_responses: [],
    openai_realtime: { type: 'response.done', response: { output: [] } },
  },
};

/** JSON has no undefined, and an absent field is what it is read as. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const AT_THE_START = {
  business_name: 'Löwen Dental',
  timezone: 'America/New_York',
  now: '2026-11-30T10:04:05-05:00',
  today: 'Monday, November 30, 2026',
  caller_number: '+14155550132',
};

/** One that did what it was asked to, one that was refused, and one that failed; what they say is the tools' own affair. */
const ANSWERS: readonly ToolAnswer[] = [
  {
    ok: true,
    say: 'On Tuesday, December 1 I have 2 PM and 3 PM.',
    slots: [
      {
        slot_id: 'C14MPl8KTVST0m5rah-aEWoNHVAdfkpRjQ1tw6Ow88YByeoQ',
        starts_at: '2026-12-01T14:00:00-05:00',
        ends_at: '2026-12-01T15:00:00-05:00',
        label: 'Tuesday, December 1 at 2 PM',
      },
    ],
    timezone: 'America/New_York',
  },
  { ok: false, code: 'slot_taken', say: 'Somebody was faster: that time is gone.' },
  { ok: false, code: 'unavailable', say: 'I could not reach the calendar just now.' },
];

const ANSWERED: readonly AnsweredToolCall[] = ANSWERS.map((answer, index) => ({
  id: `call_${index + 1}`,
  tool: 'check_availability',
  arguments: {},
  answer,
}));

function withNames(parameters: ToolParameters): ToolParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => {
      const names = NAMES[parameter.asks];
      return [name, names === undefined ? parameter : { ...parameter, enum: names }];
    }),
  );
}
