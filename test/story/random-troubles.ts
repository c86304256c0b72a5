import { setTimeout as sleep } from 'node:timers/promises';
import type { StandInFault } from '../../src/local/google-stand-in/google-stand-in.js';
import type { Random } from './random-numbers.js';
import type { Doing } from './random-ours.js';
import { ownBookingId } from './random-owners.js';
import type { Organisation, World } from './random-world.js';

/** What happens to accounts, to Google and to the service itself. */
export const TROUBLES: readonly Doing[] = [
  { name: 'fault', weight: 8, do: fault },
  { name: 'access tokens expire', weight: 1.5, do: expireAccessTokens },
  { name: 'sync tokens expire', weight: 2, do: expireSyncTokens },
  { name: 'pages', weight: 2, do: changePages },
  { name: 'pushes', weight: 3, do: changePushes },
  { name: 'calendar zone', weight: 1, do: changeZone },
  { name: 'meeting links', weight: 0.5, do: changeMeet },
  { name: 'restart', weight: 0.5, do: restart },
  { name: 'second instance', weight: 0.5, do: secondInstance },
  { name: 'disconnect', weight: 0.5, do: disconnect },
  { name: 'disconnect one', weight: 0.4, do: disconnectOne },
  { name: 'revoke', weight: 0.4, do: revoke },
  { name: 'connect', weight: 2, do: connect },
  { name: 'choose calendars', weight: 1.2, do: choose },
];

/** Everything but the consent page, on which a person would simply try again. */
const EVERY_REQUEST = /\.|^(token|revoke|certs)$/;
const OPERATIONS = [
  'events.list',
  'events.list',
  'events.insert',
  'events.patch',
  'events.get',
  'events.delete',
  'events.watch',
  'channels.stop',
  'freebusy.query',
  'calendarList.list',
  'token',
  EVERY_REQUEST,
];

function fault(world: World, random: Random): boolean {
  const kind = random.pick<Omit<StandInFault, 'on' | 'times' | 'account'>>([
    { status: 403, reason: 'rateLimitExceeded' },
    { status: 403, reason: 'userRateLimitExceeded' },
    { status: 429, retryAfter: random.pick([0, 1]) },
    { status: 500 },
    { status: 503, retryAfter: 1 },
    { hang: true },
    { drop: true },
    { loseAnswer: true },
    { loseAnswer: true },
    { delayMs: random.pick([50, 300, 1000]) },
    { delayMs: random.pick([50, 300, 1000]) },
  ]);
  const account = random.chance(0.5) ? random.pick(random.pick(world.organisations).emails) : undefined;
  const times = 1 + random.below(random.pick([1, 2, 6]));
  world.google.fault({ ...kind, on: random.pick(OPERATIONS), account, times });
  return true;
}

function anEmail(world: World, random: Random): string {
  return random.pick(random.pick(world.organisations).emails);
}

function expireAccessTokens(world: World, random: Random): boolean {
  world.google.expireAccessTokens(random.chance(0.5) ? anEmail(world, random) : undefined);
  return true;
}

function aCalendar(world: World, random: Random) {
  return random.pick(world.ownedCalendars(random.pick(world.organisations))).calendar;
}

function expireSyncTokens(world: World, random: Random): boolean {
  aCalendar(world, random).expireSyncTokens();
  return true;
}

function changePages(world: World, random: Random): boolean {
  const calendar = aCalendar(world, random);
  if (random.chance(0.5)) calendar.emptyFirstPage = calendar.emptyFirstPage !== true;
  else calendar.mostPerPage = random.pick([undefined, 1, 3, 10]);
  return true;
}

function changePushes(world: World, random: Random): boolean {
  const { pushes } = world.google;
  pushes.copies = random.pick([0, 1, 1, 2]);
  pushes.delayMs = random.pick([0, 0, 30, 500]);
  pushes.syncBeforeAnswer = random.chance(0.3);
  const calendar = aCalendar(world, random);
  calendar.refusesPush = random.chance(0.2);
  return true;
}

function changeZone(world: World, random: Random): boolean {
  const calendar = aCalendar(world, random);
  // The days of a booking that its owner has made one of whole days are compared when its event changes, not when the zone does.
  if (calendar.events().some((event) => event.start?.date !== undefined && ownBookingId(event.id) !== null))
    return false;
  calendar.timeZone = random.pick(['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'UTC']);
  return true;
}

function changeMeet(world: World, random: Random): boolean {
  aCalendar(world, random).meet = random.pick(['works', 'works', 'refused', 'fails']);
  return true;
}

async function restart(world: World, random: Random): Promise<boolean> {
  const instance = world.isRunning(1) && random.chance(0.5) ? 1 : 0;
  await world.stop(instance);
  await sleep(random.pick([0, 0, 300]));
  await world.start(instance);
  return true;
}

async function secondInstance(world: World): Promise<boolean> {
  if (world.isRunning(1)) await world.stop(1);
  else await world.start(1);
  return true;
}

async function disconnect(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  organisation.isDisturbed = true;
  const answer = await world.ask(organisation.key, 'DELETE', '/api/tenant-calendar/disconnect');
  return answer?.status === 204;
}

interface CalendarStatus {
  accounts: { id: string; email: string; state: string }[];
}

async function accountsOf(world: World, organisation: Organisation): Promise<CalendarStatus['accounts']> {
  const answer = await world.ask<CalendarStatus>(organisation.key, 'GET', '/api/tenant-calendar/status');
  return answer?.status === 200 ? answer.body.accounts : [];
}

async function disconnectOne(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const account = random.any(await accountsOf(world, organisation));
  if (account === undefined) return false;
  organisation.isDisturbed = true;
  const answer = await world.ask(organisation.key, 'DELETE', `/api/tenant-calendar/accounts/${account.id}`);
  return answer?.status === 204;
}

/** The owner takes the permission back in the Google account, and as a rule soon gives it again. */
async function revoke(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const account = random.any(await accountsOf(world, organisation));
  if (account === undefined) return false;
  organisation.isDisturbed = true;
  world.google.revokeGrant(account.email);
  if (random.chance(0.3)) return true;
  await sleep(random.pick([0, 20, 200, 1000]));
  return world.connect(organisation, account.email, { adds: true });
}

async function connect(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const accounts = await accountsOf(world, organisation);
  const isWell = accounts.some(({ state }) => state === 'connected');
  // Now and then another account takes the place of those there are; mostly it is about being connected at all.
  if (isWell && random.chance(0.7)) return false;
  return world.connect(organisation, random.pick(organisation.emails), { adds: random.chance(0.5) });
}

async function choose(world: World, random: Random): Promise<boolean> {
  const organisation = random.pick(world.organisations);
  const resource = random.pick(organisation.resources);
  organisation.isDisturbed = true;
  resource.hasChosen = true;
  const answer = await world.ask<{ id: string; canWrite: boolean }[]>(
    organisation.key,
    'GET',
    '/api/tenant-calendar/calendars',
  );
  const calendars = answer?.status === 200 ? answer.body : [];
  const writable = calendars.filter(({ canWrite }) => canWrite);
  const read = calendars.filter(() => random.chance(0.6)).map(({ id }) => id);
  const write = random.chance(0.1) ? null : (random.any(writable)?.id ?? null);
  const chosen = random.chance(0.25) || (read.length === 0 && write === null) ? null : { read, write };
  const path = `/api/resources/${resource.id}`;
  const changed = await world.ask(organisation.key, 'PATCH', path, { calendars: chosen });
  return changed?.status === 200;
}
