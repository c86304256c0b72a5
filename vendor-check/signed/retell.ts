import Retell from 'retell-sdk';
import type { SignedRequest } from '../../test/agent-tools/platforms/signed-request.ts';
import { accepted } from './clock.ts';
import { address, AVAILABILITY, BOOKING, CALLER, DIALLED, NOW } from './made-up.ts';

const API_KEY = 'key_made_up_4f1b7c9d2e8a6053';

const CALL = {
  call_id: 'call_5e0f6c1d2b7a48939b1c',
  call_type: 'phone_call',
  agent_id: 'agent_2a7d41c8e9',
  agent_name: 'Front desk',
  agent_version: 3,
  call_status: 'ongoing',
  direction: 'inbound',
  from_number: CALLER,
  to_number: DIALLED,
  metadata: {},
  retell_llm_dynamic_variables: { business_name: 'Löwen Dental' },
  start_timestamp: NOW - 40_000,
  transcript: 'Agent: Löwen Dental, how can I help?\nUser: I need a check-up next Tuesday.\n',
} satisfies Partial<Retell.Call.PhoneCallResponse>;

const WEB_CALL = {
  call_id: 'call_web_8c3e5b0a1f',
  call_type: 'web_call',
  agent_id: CALL.agent_id,
  agent_version: 3,
  call_status: 'ongoing',
} satisfies Partial<Retell.Call.WebCallResponse>;

const CALLED = { callId: CALL.call_id, caller: CALLER, dialled: DIALLED };

export async function retell(): Promise<SignedRequest[]> {
  const availability = [{ id: null, tool: 'check_availability', arguments: AVAILABILITY }];
  return Promise.all([
    signed('tool call with its envelope', {
      body: JSON.stringify({ name: 'create_booking', call: CALL, args: BOOKING }),
      expected: {
        kind: 'tools',
        calls: [{ id: null, tool: 'create_booking', arguments: BOOKING }],
        ...CALLED,
      },
    }),
    signed('tool call from a web call, which has no numbers', {
      body: JSON.stringify({ name: 'check_availability', call: WEB_CALL, args: AVAILABILITY }),
      expected: {
        kind: 'tools',
        calls: availability,
        callId: WEB_CALL.call_id,
        caller: null,
        dialled: null,
      },
    }),
    signed('tool call with its arguments at the root', {
      action: 'check_availability',
      body: JSON.stringify(AVAILABILITY),
      expected: { kind: 'tools', calls: availability, callId: null, caller: null, dialled: null },
    }),
    signed('tool call without a body', {
      method: 'GET',
      action: 'check_availability',
      query: `?${new URLSearchParams(AVAILABILITY).toString()}`,
      // Which text is signed where there is none is not documented: the empty one, as the SDK would be given it.
      body: '',
      expected: { kind: 'tools', calls: availability, callId: null, caller: null, dialled: null },
    }),
    signed('webhook for an inbound call', {
      action: 'inbound',
      body: JSON.stringify({
        event: 'call_inbound',
        call_inbound: {
          call_id: CALL.call_id,
          agent_id: CALL.agent_id,
          from_number: CALLER,
          to_number: DIALLED,
        },
      }),
      expected: { kind: 'call_started', ...CALLED },
    }),
    signed('webhook for a call that ended', {
      action: 'events',
      body: JSON.stringify({ event: 'call_ended', call: { ...CALL, call_status: 'ended' } }),
      expected: { kind: 'call_ended', ...CALLED },
    }),
  ]);
}

type Part = Pick<SignedRequest, 'body' | 'expected'> &
  Partial<Pick<SignedRequest, 'method' | 'action'>> & { query?: string };

async function signed(title: string, part: Part): Promise<SignedRequest> {
  const { method = 'POST', action = '', query = '', body, expected } = part;
  const signature = await Retell.sign(body, API_KEY);
  accepted(await Retell.verify(body, API_KEY, signature), title);
  return {
    title,
    platform: 'retell',
    signedBy: 'retell-sdk: Retell.sign',
    secret: API_KEY,
    webhookSecret: null,
    otherSecret: 'key_made_up_0000000000000000',
    signedAt: NOW,
    method,
    url: address('retell', action, query),
    action,
    headers: {
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      'x-retell-signature': signature,
    },
    body,
    expected,
  };
}
