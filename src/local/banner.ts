import { DEMO_TENANT, type DemoTenant } from './demo-tenant.js';
import { DEMO_ACCOUNTS } from './local-google.js';

export interface BannerFacts {
  /** Where this machine reaches the service. */
  address: string;
  dataDirectory: string;
  /** Undefined when the person set it: then they know it, and it is not printed. */
  adminKey: string | undefined;
  tenant: DemoTenant;
  /** Of the Google stand-in; undefined when a Google client is configured. */
  standIn: string | undefined;
  redirectUri: string;
  /** A day on which the demo tenant works, `YYYY-MM-DD`. */
  day: string;
}

/** What `npm start` prints when all is up: where things are, and requests to copy into another terminal, in their order. */
export function banner(facts: BannerFacts): string {
  const { address, dataDirectory, adminKey, tenant } = facts;
  return `
receptionist-calendar is running. Ctrl-C stops it; its data stay in ${dataDirectory}

  Swagger UI    ${address}/api/docs   ("Authorize" with one of the keys)
  Admin key     ${adminKey ?? 'the one you set in ADMIN_API_KEY'}
  Demo tenant   ${DEMO_TENANT.name}, ${DEMO_TENANT.timezone}
    id          ${tenant.id}
    API key     ${tenant.key}
${googleLines(facts)}

Try it in another terminal (bash), in this order:

${requests(facts)}
`;
}

function googleLines({ standIn, redirectUri }: BannerFacts): string {
  if (standIn === undefined)
    return `  Google        your own client; its redirect URI must be ${redirectUri}`;
  return [
    `  Google        a stand-in on this machine, since GOOGLE_CLIENT_ID is not set: ${standIn}/`,
    ...DEMO_ACCOUNTS.map(({ email }) => `    calendar    ${calendarPage(standIn, email)}`),
  ].join('\n');
}

function requests({ address, tenant, standIn, day }: BannerFacts): string {
  const authorized = `-H 'Authorization: Bearer ${tenant.key}'`;
  const tool = (name: string, body: object) =>
    `curl -sS ${authorized} -H 'Content-Type: application/json' ${address}/api/agent-tools/${name} \\\n` +
    `  -d '${JSON.stringify(body)}'; echo`;
  const caller = { name: 'Dana Reyes', phone: '+12125550123', purpose: 'Cleaning' };
  const seen =
    standIn === undefined
      ? '# 4. The booking is in the connected Google Calendar.'
      : `# 4. See it in the calendar: open ${calendarPage(standIn, DEMO_ACCOUNTS[0].email)}`;
  return [
    '# 1. Connect a Google Calendar: open the address it answers in a browser, choose an account, "Grant", and then "Connect".',
    `curl -sS ${authorized} ${address}/api/tenant-calendar/auth-url; echo`,
    '',
    '# 2. Ask for free times, as a voice agent does.',
    tool('check_availability', { date: day, time_preference: 'afternoon' }),
    '',
    '# 3. Book one.',
    tool('create_booking', { date: day, time: '14:00', ...caller }),
    '',
    seen,
  ].join('\n');
}

function calendarPage(standIn: string, email: string): string {
  return `${standIn}/calendar?account=${encodeURIComponent(email)}`;
}
