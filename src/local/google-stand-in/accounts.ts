import { randomInt } from 'node:crypto';
import { Calendar, type KeptCalendar, type StandInCalendar } from './calendar.js';
import type { Surroundings } from './surroundings.js';

export interface NewCalendar {
  id?: string;
  summary: string;
  timeZone?: string;
  /** `owner` unless said otherwise. Naming another account's calendar by its id shares it. */
  accessRole?: string;
  primary?: boolean;
}

export interface NewAccount {
  email: string;
  name?: string;
  sub?: string;
  timeZone?: string;
  emailVerified?: boolean;
  calendars?: NewCalendar[];
}

interface KeptAccount {
  email: string;
  name: string;
  sub: string;
  timeZone: string;
  emailVerified: boolean;
  list: { calendarId: string; accessRole: string }[];
}

export interface StandInAccount {
  readonly email: string;
  readonly sub: string;
  /** The primary calendar when no id is given. */
  calendar(id?: string): StandInCalendar;
  addCalendar(calendar: NewCalendar): StandInCalendar;
}

export interface KeptAccounts {
  accounts: KeptAccount[];
  calendars: KeptCalendar[];
}

/** A calendar in an account's list, with what the account may do there. */
export interface ListedCalendar {
  calendar: Calendar;
  accessRole: string;
}

const fallbackZone = 'Europe/Berlin';

export class Account implements StandInAccount {
  constructor(
    private readonly kept: KeptAccount,
    private readonly accounts: Accounts,
  ) {}

  get email(): string {
    return this.kept.email;
  }
  get sub(): string {
    return this.kept.sub;
  }
  get name(): string {
    return this.kept.name;
  }
  get emailVerified(): boolean {
    return this.kept.emailVerified;
  }

  toJSON(): KeptAccount {
    return this.kept;
  }

  calendar(id = 'primary'): Calendar {
    const listed = this.listed(id);
    if (!listed) throw new Error(`${this.email} has no calendar ${id}`);
    return listed.calendar;
  }

  addCalendar(calendar: NewCalendar): Calendar {
    const made = this.accounts.calendarFor(this, calendar.id ?? inventedId(), calendar);
    this.kept.list = this.kept.list.filter(({ calendarId }) => calendarId !== made.id);
    this.kept.list.push({ calendarId: made.id, accessRole: calendar.accessRole ?? 'owner' });
    made.changed();
    return made;
  }

  calendars(): ListedCalendar[] {
    return this.kept.list.flatMap(({ calendarId, accessRole }) => {
      const calendar = this.accounts.calendarById(calendarId);
      return calendar ? [{ calendar, accessRole }] : [];
    });
  }

  /** Undefined when the calendar is gone or not in this account's list. */
  listed(id: string): ListedCalendar | undefined {
    const wanted = id === 'primary' ? this.email : id;
    return this.calendars().find(({ calendar }) => calendar.id === wanted);
  }

  get defaultZone(): string {
    return this.kept.timeZone;
  }
}

/** All accounts, and all calendars by their worldwide id. */
export class Accounts {
  private readonly byEmail = new Map<string, Account>();
  private readonly calendars = new Map<string, Calendar>();

  constructor(
    private readonly surroundings: Surroundings,
    kept?: KeptAccounts,
  ) {
    for (const calendar of kept?.calendars ?? []) {
      this.calendars.set(calendar.id, new Calendar(calendar, surroundings));
    }
    for (const account of kept?.accounts ?? []) this.byEmail.set(account.email, new Account(account, this));
  }

  toJSON(): KeptAccounts {
    return {
      accounts: this.all().map((account) => account.toJSON()),
      calendars: [...this.calendars.values()].filter((one) => !one.deleted).map((one) => one.toJSON()),
    };
  }

  all(): Account[] {
    return [...this.byEmail.values()];
  }

  /** Adding an account twice answers the first one, so that a restart may ask again for the same accounts. */
  add(wished: NewAccount): Account {
    const email = wished.email.trim().toLowerCase();
    const known = this.byEmail.get(email);
    if (known) return known;
    const kept: KeptAccount = {
      email,
      name: wished.name ?? email,
      sub: wished.sub ?? `1${Array.from({ length: 20 }, () => randomInt(10)).join('')}`,
      timeZone: wished.timeZone ?? fallbackZone,
      emailVerified: wished.emailVerified ?? true,
      list: [],
    };
    const account = new Account(kept, this);
    this.byEmail.set(email, account);
    const calendars = wished.calendars ?? [];
    account.addCalendar({ summary: email, ...calendars.find((one) => one.primary), id: email });
    calendars.filter((one) => !one.primary).forEach((one) => account.addCalendar(one));
    return account;
  }

  find(email: string): Account | undefined {
    return this.byEmail.get(email.trim().toLowerCase());
  }

  findBySub(sub: string): Account | undefined {
    return this.all().find((account) => account.sub === sub);
  }

  calendarById(id: string): Calendar | undefined {
    const calendar = this.calendars.get(id);
    return calendar?.deleted ? undefined : calendar;
  }

  calendarFor(account: Account, id: string, wished: NewCalendar): Calendar {
    const shared = this.calendarById(id);
    if (shared) return shared;
    const timeZone = wished.timeZone ?? account.defaultZone;
    const made = new Calendar(
      { id, summary: wished.summary, timeZone, owner: account.email },
      this.surroundings,
    );
    this.calendars.set(id, made);
    return made;
  }
}

function inventedId(): string {
  const hex = Array.from({ length: 64 }, () => randomInt(16).toString(16)).join('');
  return `c_${hex}@group.calendar.google.com`;
}
