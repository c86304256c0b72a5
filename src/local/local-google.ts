import { existsSync } from 'node:fs';
import type { Settings } from '../platform/config/settings.js';
import type { DataDirectory } from './data-directory.js';
import { freePort } from './free-port.js';
import { GoogleStandIn } from './google-stand-in/google-stand-in.js';
import { keep, readKept } from './kept-file.js';
import { reasonOf, StartError } from './start-error.js';

/** The accounts a person can choose on the consent page; others can be made there. */
export const DEMO_ACCOUNTS = [
  { email: 'owner@acme-dental.example', name: 'Acme Dental', timeZone: 'America/New_York' },
  { email: 'anna@brightsmile.example', name: 'Anna at Bright Smile', timeZone: 'Europe/Berlin' },
] as const;

/**
 * Starts the Google stand-in with what it knew when it last ended, and where it was: its addresses are in open browser
 * tabs and in event links. Where its port has been taken since, it gets another.
 * @throws StartError when what it kept is damaged
 */
export async function startLocalGoogle(settings: Settings, data: DataDirectory): Promise<GoogleStandIn> {
  const stateFile = data.file('google-stand-in.json');
  const portFile = data.file('google-stand-in-port.json');
  const isPort = (value: unknown): value is number => Number.isInteger(value);
  const keptPort = await readKept(portFile, isPort, 'Delete it.');
  const isNew = !existsSync(stateFile);
  const port = await freePort(...(keptPort === undefined ? [settings.port + 1] : [keptPort]));
  const google = await GoogleStandIn.start({
    port,
    stateFile,
    clientId: settings.google.clientId,
    clientSecret: settings.google.clientSecret.reveal(),
    redirectUris: [settings.google.redirectUri],
  }).catch((error: unknown) => {
    throw new StartError(
      `The Google stand-in could not be started from ${stateFile} (${reasonOf(error)}). Restore that file, or delete it ` +
        'to begin with empty calendars: they must then be connected again.',
      { cause: error },
    );
  });
  if (port !== keptPort) await keep(portFile, port);
  for (const account of DEMO_ACCOUNTS) google.addAccount({ ...account });
  if (isNew) addLunch(google);
  return google;
}

/** Something in the calendar to see that busy times are respected: noon to one, on every working day. */
function addLunch(google: GoogleStandIn): void {
  for (const { email, timeZone } of DEMO_ACCOUNTS) {
    google
      .account(email)
      .calendar()
      .addEvent({
        summary: 'Lunch',
        start: { dateTime: '2026-01-05T12:00:00', timeZone },
        end: { dateTime: '2026-01-05T13:00:00', timeZone },
        recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
      });
  }
}
