import { notFound } from './api-error.js';
import type { CalendarEvent, EventEntry, Person } from './calendar-event.js';
import type { MeetPolicy } from './conference.js';
import { EventStore, type StoredEvents } from './event-store.js';
import { deleteEvent, insertEvent, patchEvent } from './event-writing.js';
import type { Surroundings } from './surroundings.js';

export interface KeptCalendar {
  id: string;
  summary: string;
  timeZone: string;
  owner: string;
  syncEpoch: number;
  store: StoredEvents;
}

export interface StandInCalendar {
  readonly id: string;
  timeZone: string;
  /** The events as stored: times in UTC beside their zone. */
  events(options?: { includeDeleted?: boolean }): CalendarEvent[];
  /** These three are what the owner does in Google's calendar page. */
  addEvent(event: EventEntry): CalendarEvent;
  updateEvent(id: string, patch: Partial<CalendarEvent>): CalendarEvent;
  deleteEvent(id: string): void;
  /** From now on every sync token handed out for this calendar answers 410. */
  expireSyncTokens(): void;
  /** When set, free/busy answers this reason for the calendar instead of its times, and its events cannot be listed. */
  unreadable?: string;
  /** Holiday and birthday calendars refuse push channels. */
  refusesPush?: boolean;
  /** When on, every list begins with a page without events that has a next page, as Google's may. */
  emptyFirstPage?: boolean;
  /** When set, a page of a list has no more events than this, however many were asked for, as Google's may. */
  mostPerPage?: number;
  /** When on, no list ends with a sync token, as has been reported of some of Google's calendars. */
  withoutSyncTokens?: boolean;
  /** When set, instances that are gone are told of for so many days from now only, as has been reported of Google. */
  goneInstancesForDays?: number;
  /** When on, lists do not say the calendar's zone. */
  hidesTimeZone?: boolean;
  /** Events that are there and that lists leave out. */
  hidesFromLists?: ReadonlySet<string>;
  /** What answers say of events, by their ids, instead of what is stored. */
  readonly oddities: Map<string, object>;
  meet: MeetPolicy;
  /** The calendar is gone: everything about it answers 404. */
  delete(): void;
}

/** A calendar, with the switches that make it behave like Google's awkward ones. */
export class Calendar implements StandInCalendar {
  readonly id: string;
  summary: string;
  /** E-mail of the account whose calendar it is. */
  readonly owner: string;
  readonly store: EventStore;
  unreadable?: string;
  refusesPush?: boolean;
  meet: MeetPolicy = 'works';
  emptyFirstPage?: boolean;
  mostPerPage?: number;
  withoutSyncTokens?: boolean;
  goneInstancesForDays?: number;
  hidesTimeZone?: boolean;
  hidesFromLists?: ReadonlySet<string>;
  readonly oddities = new Map<string, object>();
  /** Sync tokens of an earlier epoch are expired. */
  syncEpoch: number;
  deleted = false;
  private zone: string;

  constructor(
    kept: Omit<KeptCalendar, 'syncEpoch' | 'store'> & Partial<KeptCalendar>,
    readonly surroundings: Surroundings,
  ) {
    this.id = kept.id;
    this.summary = kept.summary;
    this.owner = kept.owner;
    this.zone = kept.timeZone;
    this.syncEpoch = kept.syncEpoch ?? 1;
    this.store = new EventStore(() => this.zone, surroundings.now, kept.store);
  }

  toJSON(): KeptCalendar {
    const { id, summary, timeZone, owner, syncEpoch, store } = this;
    return { id, summary, timeZone, owner, syncEpoch, store: store.toJSON() };
  }

  get timeZone(): string {
    return this.zone;
  }

  set timeZone(zone: string) {
    this.zone = zone;
    this.store.zoneChanged();
    this.surroundings.changed(this);
  }

  events(options: { includeDeleted?: boolean } = {}): CalendarEvent[] {
    const events = Array.from(this.store.all(), (stored) => structuredClone(stored.event));
    return options.includeDeleted ? events : events.filter((event) => event.status !== 'cancelled');
  }

  addEvent(entry: EventEntry): CalendarEvent {
    // Tests may name the owner among the guests by `self` alone.
    const attendees = entry.attendees?.map((one) => (one.self ? { ...one, email: this.id } : one));
    return insertEvent(this, { ...entry, attendees }, { by: this.owner, conferenceDataVersion: 1 });
  }

  updateEvent(id: string, patch: Partial<CalendarEvent>): CalendarEvent {
    return patchEvent(this, id, { ...patch }, { by: this.owner, conferenceDataVersion: 1 });
  }

  deleteEvent(id: string): void {
    deleteEvent(this, id);
  }

  expireSyncTokens(): void {
    this.syncEpoch += 1;
    this.surroundings.changed(this);
  }

  delete(): void {
    this.deleted = true;
    this.surroundings.changed(this);
  }

  organizer(): Person {
    return this.id === this.owner ? { email: this.id } : { email: this.id, displayName: this.summary };
  }

  assertThere(): void {
    if (this.deleted) throw notFound();
  }

  changed(): void {
    this.surroundings.changed(this);
  }
}
