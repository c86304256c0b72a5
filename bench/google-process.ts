/*
 * The stand-in for Google as a process of its own, so that what it does takes nothing from the service. Takes no arguments, and prints
 * its origin and that of what it can be told by: `POST` of a JSON object to a path below. That it delays or fails is told to the
 * stand-in itself, at `/faults`.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';

const { GoogleStandIn } = (await import(
  new URL('../dist/local/google-stand-in/google-stand-in.js', import.meta.url).href
)) as typeof import('../src/local/google-stand-in/google-stand-in.js');

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Ten thousand of them reach over a year. */
const STEP_MS = 52 * MINUTE;
const LENGTH_MS = 30 * MINUTE;
/** Where it is moved to a few times, no event begins when another one did. */
const MOVE_MS = 7 * MINUTE;
const FIRST = Math.ceil(Date.now() / DAY) * DAY + DAY;

interface Told {
  email: string;
  emails: readonly string[];
  /** How many, of each account. */
  events: number;
  /** How often each of them is moved. */
  times: number;
  /** Google tells of the last change only, as where many come together. */
  isToldOnce: boolean;
}

const google = await GoogleStandIn.start({ clientId: 'bench', clientSecret: 'bench' });
/** Of each account, in the order of their start. */
const eventIds = new Map<string, string[]>();

const commands: Record<string, (told: Told) => unknown> = {
  /** Makes the account and its events. */
  '/add': ({ email, events }) => {
    google.addAccount({ email, timeZone: 'America/New_York' });
    const calendar = google.account(email).calendar();
    const ids = Array.from(
      { length: events },
      (_, index) => calendar.addEvent({ summary: 'Busy', ...timesFrom(FIRST + index * STEP_MS) }).id,
    );
    eventIds.set(email, ids);
    return {};
  },
  /** Moves the first events of these accounts. @returns when those of the first account begin now */
  '/move': ({ emails, events, times, isToldOnce }) => {
    for (const email of emails) {
      const calendar = google.account(email).calendar();
      const ids = (eventIds.get(email) ?? []).slice(0, events);
      const starts = new Map(
        calendar.events().map(({ id, start }) => [id, Date.parse(start?.dateTime ?? '')]),
      );
      for (let time = 1; time <= times; time += 1) {
        for (const [index, id] of ids.entries()) {
          google.pushes.copies = isToldOnce && (time < times || index < ids.length - 1) ? 0 : 1;
          calendar.updateEvent(id, timesFrom((starts.get(id) ?? 0) + time * MOVE_MS));
        }
      }
    }
    const [first = ''] = emails;
    const moved = new Set((eventIds.get(first) ?? []).slice(0, events));
    const changed = google
      .account(first)
      .calendar()
      .events()
      .filter(({ id }) => moved.has(id));
    return changed.map(({ start }) => start?.dateTime);
  },
  /** @returns how many requests there were since this was last asked, by their operation */
  '/requests': () => {
    const counts = Map.groupBy(google.requests, ({ operation }) => operation);
    google.clearRequests();
    return Object.fromEntries([...counts].map(([operation, { length }]) => [operation, length]));
  },
  /** Answers when Google has told of everything. */
  '/settled': async () => {
    await google.pushes.settled();
    return {};
  },
};

const control = createServer((request, response) => {
  const answer = async (): Promise<unknown> => commands[request.url ?? '']?.((await json(request)) as Told);
  answer().then(
    (result) => response.end(JSON.stringify(result)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}).listen(0, '127.0.0.1');
await once(control, 'listening');
const { port } = control.address() as { port: number };
console.log(JSON.stringify({ origin: google.origin, control: `http://127.0.0.1:${port}` }));
process.on('SIGTERM', () => process.exit());

function timesFrom(start: number): { start: { dateTime: string }; end: { dateTime: string } } {
  const at = (instant: number): { dateTime: string } => ({ dateTime: new Date(instant).toISOString() });
  return { start: at(start), end: at(start + LENGTH_MS) };
}
