import { createHmac } from 'node:crypto';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { GetConversationResponseModel } from '@elevenlabs/elevenlabs-js/serialization/index.js';
import type { SignedRequest } from '../../test/agent-tools/platforms/signed-request.ts';
import { accepted } from './clock.ts';
import { address, CALLER, DIALLED, NOW, pythonJson } from './made-up.ts';

const WEBHOOK_SECRET = 'wsec_made_up_91c0e7d4a2b6f835';
const CONVERSATION = 'conv_3f9a1c70b25e4d86';

/** As `GET /v1/convai/conversations/:id` answers, which the webhook after a call repeats. */
const DATA = {
  agent_id: 'agent_6b1e0d9c',
  agent_name: 'Front desk',
  conversation_id: CONVERSATION,
  status: 'done',
  user_id: null,
  transcript: [
    { role: 'agent', message: 'Löwen Dental, how can I help?', time_in_call_secs: 0 },
    { role: 'user', message: 'I need a check-up on Tuesday.', time_in_call_secs: 4 },
  ],
  metadata: {
    start_time_unix_secs: Math.floor(NOW / 1000) - 95,
    call_duration_secs: 90,
    cost: 310,
    phone_call: {
      type: 'twilio',
      direction: 'inbound',
      phone_number_id: 'phnum_4d1a',
      agent_number: DIALLED,
      external_number: CALLER,
      stream_sid: 'MZ00000000000000000000000000000000',
      call_sid: 'CA00000000000000000000000000000000',
    },
    termination_reason: 'end_call tool was called.',
  },
  analysis: { call_successful: 'success', transcript_summary: 'The caller booked a check-up.' },
  conversation_initiation_client_data: {
    dynamic_variables: {
      system__caller_id: CALLER,
      system__called_number: DIALLED,
      system__conversation_id: CONVERSATION,
    },
  },
  has_audio: true,
  has_user_audio: true,
  has_response_audio: true,
  has_auxiliary_audio: false,
};

/** Tool calls carry a secret header and no signature; what is signed is the webhook after the call. */
export async function elevenLabs(): Promise<SignedRequest[]> {
  await GetConversationResponseModel.parseOrThrow(DATA, { unrecognizedObjectKeys: 'fail' });
  const title = 'webhook after a call';
  const seconds = String(Math.floor(NOW / 1000));
  const body = pythonJson({
    type: 'post_call_transcription',
    event_timestamp: Math.floor(NOW / 1000),
    data: DATA,
  });
  // The SDK verifies but does not sign: the documented computation, which its verifier then has to accept.
  const digest = createHmac('sha256', WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex');
  const signature = `t=${seconds},v0=${digest}`;
  const { webhooks } = new ElevenLabsClient({ apiKey: 'none' });
  accepted(Boolean(await webhooks.constructEvent(body, signature, WEBHOOK_SECRET)), title);
  return [
    {
      title,
      platform: 'elevenlabs',
      signedBy: '@elevenlabs/elevenlabs-js: webhooks.constructEvent accepts it',
      secret: 'made-up-secret-of-the-tools',
      webhookSecret: WEBHOOK_SECRET,
      otherSecret: 'wsec_made_up_0000000000000000',
      signedAt: Number(seconds) * 1000,
      method: 'POST',
      url: address('elevenlabs', 'post-call'),
      action: 'post-call',
      headers: { 'content-type': 'application/json', 'elevenlabs-signature': signature },
      body,
      expected: { kind: 'call_ended', callId: CONVERSATION },
    },
  ];
}
