import { auth, calendar, type calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { GoogleStandIn, type GoogleStandInOptions } from '../../src/local/google-stand-in/google-stand-in.js';

export const clientId = 'receptionist.apps.example.com';
const clientSecret = 'a-secret-between-friends';
export const redirectUri = 'http://127.0.0.1:5000/api/tenant-calendar/callback';
export const owner = 'owner@salon.example';

const google = 'https://www.googleapis.com/auth';
export const scopes = {
  events: `${google}/calendar.events`,
  freebusy: `${google}/calendar.freebusy`,
  list: `${google}/calendar.calendarlist.readonly`,
};
export const allScopes = ['openid', 'email', ...Object.values(scopes)];

export type OAuth2 = InstanceType<typeof auth.OAuth2>;
export type Calendar = calendar_v3.Calendar;

export function startStandIn(options: Partial<GoogleStandInOptions> = {}): Promise<GoogleStandIn> {
  return GoogleStandIn.start({ clientId, clientSecret, ...options });
}

/** The real client, told where Google is. */
export function oauthClient(standIn: GoogleStandIn, overrides: object = {}): OAuth2 {
  const { origin } = standIn;
  return new auth.OAuth2({
    clientId,
    clientSecret,
    redirectUri,
    endpoints: {
      oauth2AuthBaseUrl: `${origin}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${origin}/token`,
      oauth2RevokeUrl: `${origin}/revoke`,
      oauth2FederatedSignonPemCertsUrl: `${origin}/oauth2/v1/certs`,
      tokenInfoUrl: `${origin}/tokeninfo`,
    },
    issuers: ['https://accounts.google.com'],
    ...overrides,
  });
}

export async function codeFor(
  standIn: GoogleStandIn,
  client: OAuth2,
  question: Parameters<OAuth2['generateAuthUrl']>[0] = {},
  choice: Partial<Parameters<GoogleStandIn['consent']>[1]> = {},
): Promise<URLSearchParams> {
  const wished = { access_type: 'offline', prompt: 'consent', scope: allScopes, ...question };
  const sentTo = await standIn.consent(client.generateAuthUrl(wished), { email: owner, ...choice });
  return new URL(sentTo).searchParams;
}

/** An account connected the way the service connects it, and its Calendar client. */
export async function connect(
  standIn: GoogleStandIn,
  question: Parameters<OAuth2['generateAuthUrl']>[0] = {},
  email = owner,
): Promise<{ oauth: OAuth2; api: Calendar }> {
  const oauth = oauthClient(standIn);
  const answer = await codeFor(standIn, oauth, question, { email });
  const { tokens } = await oauth.getToken(String(answer.get('code')));
  oauth.setCredentials(tokens);
  return { oauth, api: calendar({ version: 'v3', auth: oauth, rootUrl: standIn.origin }) };
}

interface Refusal {
  status?: number;
  response?: {
    status: number;
    headers: Headers;
    data: { error: GoogleError | string; error_description?: string };
  };
}
interface GoogleError {
  message: string;
  errors: { reason: string; message: string; domain: string }[];
}

/** How a call was refused, as a client reads it: `404 notFound`. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { response } = error as Refusal;
    if (!response) throw error;
    const told = response.data.error;
    return `${response.status} ${typeof told === 'string' ? told : told.errors[0]?.reason}`;
  }
  return 'not refused';
}

export async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (failure: unknown) => failure as Refusal,
  );
  const told = error?.response?.data.error;
  return typeof told === 'object' ? told.message : String(error?.response?.data.error_description);
}

export function at(time: string, hours = 1): { start: { dateTime: string }; end: { dateTime: string } } {
  const end = new Date(Date.parse(time) + hours * 3_600_000).toISOString();
  return { start: { dateTime: time }, end: { dateTime: end } };
}
