import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import Telnyx from 'telnyx';
import type { SignedRequest } from '../../test/agent-tools/platforms/signed-request.ts';
import { accepted } from './clock.ts';
import { address, AVAILABILITY, BOOKING, CALLER, DIALLED, NOW, pythonJson } from './made-up.ts';

const KEYS = keysOf('a key pair of nobody');
const OTHER_KEYS = keysOf('another key pair of nobody');
const CALL_CONTROL = 'v3:made-up-call-control-id';

/** What the definitions add to the arguments, from Telnyx's own variables. */
const PRESET = {
  call_control_id: CALL_CONTROL,
  telnyx_conversation_id: '1f6d6c0e-59a4-4b0c-9d64-6f2b1f0d7a31',
  telnyx_end_user_target: CALLER,
  telnyx_agent_target: DIALLED,
  telnyx_shaken_stir_attestation: 'A',
};

const CALLED = { callId: CALL_CONTROL, caller: CALLER, dialled: DIALLED };

export async function telnyx(): Promise<SignedRequest[]> {
  return Promise.all([
    signed('tool call', 'create_booking', pythonJson({ ...BOOKING, ...PRESET }), {
      kind: 'tools',
      calls: [{ id: null, tool: 'create_booking', arguments: BOOKING }],
      ...CALLED,
    }),
    signed('tool call without a body', 'check_availability', '', {
      kind: 'tools',
      calls: [{ id: null, tool: 'check_availability', arguments: AVAILABILITY }],
      ...CALLED,
    }),
    signed(
      'webhook for a call that begins',
      'init',
      pythonJson({
        data: {
          record_type: 'event',
          id: '5b2f5f0a-8a1c-4e86-8d5b-2f4a7f4d9c10',
          event_type: 'assistant.initialization',
          occurred_at: new Date(NOW).toISOString(),
          payload: {
            assistant_id: 'assistant-2f6b7c1d',
            call_control_id: CALL_CONTROL,
            telnyx_conversation_channel: 'phone_call',
            telnyx_agent_target: DIALLED,
            telnyx_end_user_target: CALLER,
            telnyx_end_user_target_verified: true,
          },
        },
      }),
      { kind: 'call_started', ...CALLED },
    ),
  ]);
}

async function signed(
  title: string,
  action: string,
  body: string,
  expected: SignedRequest['expected'],
): Promise<SignedRequest> {
  const seconds = String(Math.floor(NOW / 1000));
  // The SDK verifies but does not sign: Telnyx's own computation, which its verifier then has to accept.
  const signature = sign(null, Buffer.from(`${seconds}|${body}`), KEYS.privateKey).toString('base64');
  const headers = { 'telnyx-signature-ed25519': signature, 'telnyx-timestamp': seconds };
  const { webhooks } = new Telnyx({ apiKey: 'none', publicKey: KEYS.publicKey });
  // `unwrap` reads JSON after it has verified, and there is none in an empty body.
  await webhooks.unwrap(body, { headers }).catch((error: unknown) => {
    accepted(body === '' && error instanceof SyntaxError, title);
  });
  const query = new URLSearchParams({ ...AVAILABILITY, ...PRESET }).toString();
  return {
    title,
    platform: 'telnyx',
    signedBy: 'telnyx: webhooks.unwrap accepts it',
    secret: KEYS.publicKey,
    webhookSecret: null,
    otherSecret: OTHER_KEYS.publicKey,
    signedAt: Number(seconds) * 1000,
    method: body === '' ? 'GET' : 'POST',
    url: address('telnyx', action, body === '' ? `?${query}` : ''),
    action,
    headers: { ...(body === '' ? {} : { 'content-type': 'application/json' }), ...headers },
    body,
    expected,
  };
}

/** Telnyx shows the public key as base64 of its 32 bytes. */
function keysOf(seed: string) {
  const privateKey = createPrivateKey({
    // PKCS #8 around 32 bytes, as RFC 8410 has it.
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      createHash('sha256').update(seed).digest(),
    ]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(-32).toString('base64') };
}
