import { createHmac } from 'node:crypto';
import type { Vapi } from '@vapi-ai/server-sdk';
import type { SignedRequest } from '../../test/agent-tools/platforms/signed-request.ts';
import { address, AVAILABILITY, BOOKING, CALLER, DIALLED, NOW } from './made-up.ts';

/** What is given to Vapi as a custom credential; the rest of it is Vapi's default. */
const PLAN = {
  secretKey: 'made_up_hmac_secret_5a3d90e1',
  algorithm: 'sha256',
} satisfies Vapi.HmacAuthenticationPlan;

const CALL = {
  id: 'b0a6c7f2-3f5e-4f0e-9a43-7c1d2e5f6a10',
  orgId: '2c0de9a1-0000-4000-8000-000000000001',
  type: 'inboundPhoneCall',
  status: 'in-progress',
  createdAt: new Date(NOW - 40_000).toISOString(),
  updatedAt: new Date(NOW - 40_000).toISOString(),
  customer: { number: CALLER },
} satisfies Vapi.Call;

const PHONE_NUMBER = {
  provider: 'twilio',
  number: DIALLED,
  twilioAccountSid: 'AC00000000000000000000000000000000',
} satisfies Vapi.ServerMessageToolCallsPhoneNumber;

const CALLED = { callId: CALL.id, caller: CALLER, dialled: DIALLED };

const TOOL_CALLS = [
  {
    id: 'call_a81Kd0',
    type: 'function',
    function: { name: 'check_availability', arguments: JSON.stringify(AVAILABILITY) },
  },
  {
    id: 'call_b72Ms4',
    type: 'function',
    function: { name: 'create_booking', arguments: JSON.stringify(BOOKING) },
  },
] satisfies Vapi.ToolCall[];

/** As the types of Vapi's SDK have it: arguments are JSON text. */
const MESSAGE = {
  type: 'tool-calls',
  timestamp: NOW,
  toolCallList: TOOL_CALLS,
  toolWithToolCallList: TOOL_CALLS.map((toolCall) => ({
    type: 'function' as const,
    function: { name: toolCall.function.name },
    toolCall,
  })),
  call: CALL,
  customer: CALL.customer,
  phoneNumber: PHONE_NUMBER,
} satisfies Vapi.ServerMessageToolCalls;

/** As Vapi sends it: arguments are an object, and the list comes under its older name too. */
const objects = TOOL_CALLS.map(({ function: { name, arguments: text }, ...toolCall }) => ({
  ...toolCall,
  function: { name, arguments: JSON.parse(text) as object },
}));
const SENT = { ...MESSAGE, toolCalls: objects, toolCallList: objects };

const CALLS = [
  { id: 'call_a81Kd0', tool: 'check_availability', arguments: AVAILABILITY },
  { id: 'call_b72Ms4', tool: 'create_booking', arguments: BOOKING },
];

const SECONDS = String(Math.floor(NOW / 1000));

/** Vapi publishes neither a signer nor a verifier: this is the computation that its `HmacAuthenticationPlan` documents. */
export function vapi(): SignedRequest[] {
  const tools = { kind: 'tools', calls: CALLS, ...CALLED } as const;
  return [
    signed('tool calls as the SDK types them', { message: MESSAGE }, SECONDS, 'hex', tools),
    signed('tool calls as they are sent', { message: SENT }, String(NOW), 'hex', tools),
    signed('tool calls with a signature in base64', { message: SENT }, SECONDS, 'base64', tools),
    signed(
      'report at the end of a call',
      { message: { ...MESSAGE, type: 'end-of-call-report', endedReason: 'customer-ended-call' } },
      SECONDS,
      'hex',
      { kind: 'call_ended', ...CALLED },
    ),
  ];
}

function signed(
  title: string,
  sent: object,
  timestamp: string,
  encoding: Vapi.HmacAuthenticationPlanSignatureEncoding,
  expected: SignedRequest['expected'],
): SignedRequest {
  const body = JSON.stringify(sent);
  const signature = createHmac(PLAN.algorithm, PLAN.secretKey)
    .update(`${timestamp}.${body}`)
    .digest(encoding);
  return {
    title,
    platform: 'vapi',
    signedBy: 'the documentation of Vapi.HmacAuthenticationPlan; there is no signer',
    secret: PLAN.secretKey,
    webhookSecret: null,
    otherSecret: 'made_up_hmac_secret_00000000',
    signedAt: timestamp === SECONDS ? Number(SECONDS) * 1000 : NOW,
    method: 'POST',
    url: address('vapi'),
    action: '',
    headers: { 'content-type': 'application/json', 'x-signature': signature, 'x-timestamp': timestamp },
    body,
    expected,
  };
}
