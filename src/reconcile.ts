// `npm run reconcile`: compares every tenant's calendars with the database, as after a restore, and says what differs. Changes
// nothing unless told to: --bring-back, --take-away. --tenant ID for one tenant alone. Exits with 1 while something differs.
import { parseArgs } from 'node:util';
import { type Difference, type Reconciled, Reconciliation } from './booking/reconciliation.js';
import { createApp } from './create-app.js';
import { loadEnvironmentFile } from './platform/config/environment-file.js';
import { readSettings, SettingsError } from './platform/config/read-settings.js';

const USAGE = 'Usage: npm run reconcile -- [--tenant ID] [--bring-back] [--take-away]';

const WHAT: Readonly<Record<Difference['kind'], string>> = {
  event_without_booking: 'an event without a booking',
  booking_without_event: 'a booking without an event',
  other_time: 'an event at another time than its booking (the service follows its owner)',
  event_of_ended_booking: 'an event of a cancelled booking (the service removes it)',
};

function print({ tenant, differences, unread }: Reconciled): void {
  if (differences.length === 0 && unread.length === 0) return;
  console.log(`\n${tenant.name} (${tenant.id})`);
  for (const { account, calendar, reason } of unread) {
    console.log(`  not read: ${calendar} of ${account} (${reason})`);
  }
  for (const { kind, bookingId, reference, start, end, done } of differences) {
    const when = `${start.toISOString()} to ${end.toISOString()}`;
    const which = reference === null ? bookingId : `${reference} (${bookingId})`;
    console.log(`  ${when}  ${which}: ${WHAT[kind]}${done === null ? '' : `: ${done}`}`);
  }
}

function readArguments(): { tenant: string | undefined; bringBack: boolean; takeAway: boolean } {
  const { values } = parseArgs({
    options: {
      tenant: { type: 'string' },
      'bring-back': { type: 'boolean', default: false },
      'take-away': { type: 'boolean', default: false },
    },
  });
  return { tenant: values.tenant, bringBack: values['bring-back'], takeAway: values['take-away'] };
}

async function reconcile(options: ReturnType<typeof readArguments>): Promise<void> {
  // Put together and not started: it takes no jobs and serves nobody.
  const app = await createApp(readSettings({ ...process.env, LOG_LEVEL: 'error' }));
  try {
    const reconciliation = app.get(Reconciliation);
    const tenants = (await reconciliation.tenants()).filter(
      ({ id }) => options.tenant === undefined || id === options.tenant,
    );
    if (options.tenant !== undefined && tenants.length === 0) {
      throw new Error(`There is no tenant ${options.tenant}.`);
    }
    let settled = 0;
    let open = 0;
    for (const tenant of tenants) {
      const reconciled = await reconciliation.reconcile(tenant, options);
      print(reconciled);
      open += reconciled.unread.length;
      for (const { isSettled } of reconciled.differences) {
        if (isSettled) settled += 1;
        else open += 1;
      }
    }
    console.log(`\n${tenants.length} organisations: ${settled} settled, ${open} open.`);
    const isAsked = options.bringBack || options.takeAway;
    if (open > 0 && !isAsked) console.log('Nothing was changed. ' + USAGE);
    process.exitCode = open === 0 ? 0 : 1;
  } finally {
    await app.close();
  }
}

loadEnvironmentFile();
try {
  await reconcile(readArguments());
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  const isUsage = code?.startsWith('ERR_PARSE_ARGS') === true;
  if (isUsage) console.error(`${message}\n${USAGE}`);
  else console.error(error instanceof SettingsError ? message : `Reconciling failed: ${message}`);
  process.exitCode = 1;
}
