import type { Settings } from '../platform/config/settings.js';
import { NOTIFICATIONS_PATH } from '../calendar/mirror/notifications-path.js';
import { type Check, CheckFailure } from './check.js';

const CALLBACK = '/api/tenant-calendar/callback';
const TIMEOUT_MS = 8_000;

/** What has to agree between these settings, Google's console and the world outside. */
export function googleChecks(settings: Settings): Check[] {
  return [
    { name: 'Google client', run: () => clientKnown(settings) },
    { name: 'redirect address', run: () => redirectAddress(settings) },
    { name: 'webhooks', run: () => webhooks(settings) },
  ];
}

/** Google looks at the client before it looks at the code: a made-up code tells whether the client is right. */
async function clientKnown({ google }: Settings): Promise<string> {
  const address = `${google.endpoint ?? 'https://oauth2.googleapis.com'}/token`;
  const answer = await ask(address, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'not-a-code',
      client_id: google.clientId,
      client_secret: google.clientSecret.reveal(),
      redirect_uri: google.redirectUri,
    }),
  });
  const { error } = (await answer.json().catch(() => ({}))) as { error?: string };
  if (error === 'invalid_grant')
    return google.endpoint === null ? 'known to Google' : `known at ${google.endpoint}`;
  throw new CheckFailure(
    `${new URL(address).host} answered ${answer.status} ${error ?? ''}`.trim(),
    error === 'redirect_uri_mismatch'
      ? `add ${google.redirectUri} to the client's redirect addresses in Google's console`
      : 'copy GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET from Google\'s console again (a client of the type "Web application")',
  );
}

async function redirectAddress({ google }: Settings): Promise<string> {
  const url = new URL(google.redirectUri);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const remedy = `set GOOGLE_REDIRECT_URI (or PUBLIC_URL) so that it is https://<your host>${CALLBACK}, and the same in Google's console`;
  if (url.protocol !== 'https:' && !isLocal) throw new CheckFailure('must be https', remedy);
  if (url.pathname !== CALLBACK) throw new CheckFailure(`must end with ${CALLBACK}`, remedy);
  await reachesService(url.href, { redirect: 'manual' });
  return `${url.href} reaches the service`;
}

async function webhooks({ google }: Settings): Promise<string> {
  if (google.webhookUrl === null)
    return 'GOOGLE_WEBHOOK_URL is not set: calendars are looked at every few minutes';
  // Without the headers of a channel it changes nothing.
  await reachesService(`${google.webhookUrl}${NOTIFICATIONS_PATH}`, { method: 'POST' });
  return `${google.webhookUrl}${NOTIFICATIONS_PATH} reaches the service`;
}

async function reachesService(address: string, options: RequestInit = {}): Promise<void> {
  const remedy = 'start the service and see that DNS, certificate and proxy lead to it';
  const answer = await ask(address, options).catch((error: unknown) => {
    throw new CheckFailure(`${address} cannot be reached (${(error as Error).message})`, remedy);
  });
  await answer.body?.cancel();
  if (answer.headers.get('x-request-id') === null || answer.status >= 500) {
    throw new CheckFailure(`at ${address} something else answers, with ${answer.status}`, remedy);
  }
}

async function ask(address: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw new CheckFailure(
      `${new URL(address).host} did not answer (${cause?.code ?? cause?.message ?? (error as Error).name})`,
      'see that this machine may connect to it',
    );
  }
}
