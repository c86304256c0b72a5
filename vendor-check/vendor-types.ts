/** Of an SDK: how it is imported, and its name. */
export interface VendorType {
  readonly from: string;
  readonly type: string;
}

const OPENAI = "import type OpenAI from 'openai';";
const RETELL = "import type Retell from 'retell-sdk';";
const TELNYX = "import type Telnyx from 'telnyx';";
const VAPI = "import type { Vapi } from '@vapi-ai/server-sdk';";

/** For SDKs whose types are of JSON as it goes over the wire. ElevenLabs' are not: see readers.ts. */
export const VENDOR_TYPES: Readonly<Record<string, VendorType>> = {
  'definitions/mcp': { from: OPENAI, type: 'OpenAI.Responses.Tool.Mcp[]' },
  'definitions/openai': { from: OPENAI, type: 'OpenAI.Responses.FunctionTool[]' },
  'definitions/openai_realtime': { from: OPENAI, type: 'OpenAI.Realtime.RealtimeFunctionTool[]' },
  'answers/openai_chat': { from: OPENAI, type: 'OpenAI.ChatCompletionToolMessageParam[]' },
  'answers/openai_responses': {
    from: OPENAI,
    type: 'OpenAI.Responses.ResponseInputItem.FunctionCallOutput[]',
  },
  'answers/openai_realtime': { from: OPENAI, type: 'OpenAI.Realtime.ConversationItemCreateEvent[]' },

  'definitions/retell': { from: RETELL, type: 'Retell.LlmCreateParams.CustomTool[]' },

  'definitions/telnyx': { from: TELNYX, type: 'Telnyx.AI.InferenceEmbeddingWebhookToolParams[]' },

  'definitions/vapi': { from: VAPI, type: 'Vapi.CreateToolsRequest.Function[]' },
  'answers/vapi': { from: VAPI, type: 'Vapi.ServerMessageResponseToolCalls' },
};

/**
 * No SDK has a type for these: Bland, Synthflow and Ultravox publish none for servers; ElevenLabs, Retell and Telnyx take any JSON
 * as an answer and document what begins a call in prose only; Twilio leaves tools to whoever runs them; the generic ones are ours.
 */
export const UNTYPED: readonly string[] = [
  ...['bland', 'generic', 'synthflow', 'twilio', 'ultravox'].map((name) => `definitions/${name}`),
  ...['bland', 'elevenlabs', 'generic', 'mcp', 'retell', 'synthflow', 'telnyx', 'twilio', 'ultravox'].map(
    (name) => `answers/${name}`,
  ),
  ...['bland', 'retell', 'synthflow', 'telnyx', 'twilio', 'ultravox'].map((name) => `call-starts/${name}`),
];
