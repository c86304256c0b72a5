import twilioSdk from 'twilio';
import type { SignedRequest } from '../../test/agent-tools/platforms/signed-request.ts';
import { accepted } from './clock.ts';
import { address, BOOKING, CALLER, DIALLED } from './made-up.ts';

const AUTH_TOKEN = 'made_up_auth_token_7c2e19d5b04f';
const CALL_SID = 'CA00000000000000000000000000000000';

/** What Twilio itself sends of a call, and what a request widget is set up to send beside it. */
const FORM = {
  AccountSid: 'AC00000000000000000000000000000000',
  ApiVersion: '2010-04-01',
  CallSid: CALL_SID,
  CallStatus: 'in-progress',
  CallerName: 'MUELLER & CO',
  Direction: 'inbound',
  From: CALLER,
  To: DIALLED,
  ...BOOKING,
};

const EXPECTED = {
  kind: 'tools',
  calls: [{ id: null, tool: 'create_booking', arguments: BOOKING }],
  callId: CALL_SID,
  caller: CALLER,
  dialled: DIALLED,
} as const;

const COMMON = {
  platform: 'twilio',
  secret: AUTH_TOKEN,
  webhookSecret: null,
  otherSecret: 'made_up_auth_token_000000000000',
  // Twilio signs no time.
  signedAt: null,
  method: 'POST',
} as const;

export function twilio(): SignedRequest[] {
  return [ofForm(), ofJson()];
}

function ofForm(): SignedRequest {
  const title = 'tool call with a form';
  const url = address('twilio', 'create_booking', '?from=studio');
  const signature = twilioSdk.getExpectedTwilioSignature(AUTH_TOKEN, url, FORM);
  accepted(twilioSdk.validateRequest(AUTH_TOKEN, signature, url, FORM), title);
  return {
    ...COMMON,
    title,
    signedBy: 'twilio: getExpectedTwilioSignature',
    url,
    action: 'create_booking',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(FORM).toString(),
    expected: EXPECTED,
  };
}

function ofJson(): SignedRequest {
  const title = 'tool call with JSON';
  const body = JSON.stringify({ ...BOOKING, CallSid: CALL_SID, From: CALLER, To: DIALLED });
  const url = address('twilio', 'create_booking', `?bodySHA256=${twilioSdk.getExpectedBodyHash(body)}`);
  const signature = twilioSdk.getExpectedTwilioSignature(AUTH_TOKEN, url, {});
  accepted(twilioSdk.validateRequestWithBody(AUTH_TOKEN, signature, url, body), title);
  return {
    ...COMMON,
    title,
    signedBy: 'twilio: getExpectedBodyHash, getExpectedTwilioSignature',
    url,
    action: 'create_booking',
    headers: { 'content-type': 'application/json', 'x-twilio-signature': signature },
    body,
    expected: EXPECTED,
  };
}
