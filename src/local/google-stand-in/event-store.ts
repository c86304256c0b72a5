import { isDeepStrictEqual } from 'node:util';
import type { CalendarEvent } from './calendar-event.js';
import { instantOf } from './event-times.js';
import { occurrencesOf, type Occurrence, type Series, type Window } from './recurrence.js';

export interface StoredEvent {
  event: CalendarEvent;
  /** The calendar's revision when this event last changed. */
  revision: number;
  /** Shapes a recurring event had before, so that a sync can name the instances that are gone. */
  formerSeries: { series: Series; replacedAt: number }[];
  conference?: { requestId: string; pendingReads: number };
}

/** A single event, or an instance of a recurring one, at its place in time. */
export interface SingleEvent extends Pick<Occurrence, 'startMs' | 'endMs'> {
  event: CalendarEvent;
  revision: number;
}

export interface StoredEvents {
  revision: number;
  events: StoredEvent[];
}

const dayMs = 86_400_000;
/** Google does not expand an endless series for ever either. */
const horizonMs = 2 * 366 * dayMs;

/** The events of one calendar with their tombstones. Every change takes the next revision. */
export class EventStore {
  revision = 1;
  private readonly stored = new Map<string, StoredEvent>();
  private readonly places = new WeakMap<StoredEvent, Pick<SingleEvent, 'startMs' | 'endMs'>>();

  constructor(
    private readonly timeZone: () => string,
    private readonly now: () => number,
    kept?: StoredEvents,
  ) {
    this.revision = kept?.revision ?? 1;
    for (const one of kept?.events ?? []) this.stored.set(one.event.id, one);
  }

  toJSON(): StoredEvents {
    return { revision: this.revision, events: [...this.stored.values()] };
  }

  all(): Iterable<StoredEvent> {
    return this.stored.values();
  }

  find(id: string): StoredEvent | undefined {
    return this.stored.get(id);
  }

  put(event: CalendarEvent, conference?: StoredEvent['conference']): StoredEvent {
    const before = this.stored.get(event.id);
    const formerSeries = [...(before?.formerSeries ?? [])];
    this.revision += 1;
    const series = before && seriesOf(before.event);
    const isReshaped = event.status === 'cancelled' || !isDeepStrictEqual(series, seriesOf(event));
    if (series && isReshaped) formerSeries.push({ series, replacedAt: this.revision });
    const etag = `"${Date.parse(String(event.updated))}${String(this.revision).padStart(3, '0')}"`;
    const stored = { event: { ...event, etag }, revision: this.revision, formerSeries, conference };
    this.stored.set(event.id, stored);
    return stored;
  }

  /** The instance a recurring event has at this id, `undefined` when its rule has none there. */
  findInstance(id: string): SingleEvent | undefined {
    const [, masterId = '', key = ''] = /^(.+)_(\d{8}(?:T\d{6}Z)?)$/.exec(id) ?? [];
    const master = this.stored.get(masterId);
    const series = master && seriesOf(master.event);
    if (!series) return undefined;
    const day = Date.parse(`${key.slice(0, 4)}-${key.slice(4, 6)}-${key.slice(6, 8)}`);
    // A day on both sides, as an all-day instance begins at its calendar's midnight.
    const around = { from: day - dayMs, to: day + 2 * dayMs };
    return this.instancesOf(master, series, around).find((one) => one.event.id === id);
  }

  /** Live single events and instances that touch the window. */
  *singlesWithin(window: Window): Generator<SingleEvent> {
    for (const stored of this.stored.values()) {
      if (stored.event.status === 'cancelled') continue;
      yield* this.singlesOf(stored, window);
    }
  }

  *singlesOf(stored: StoredEvent, window: Window): Generator<SingleEvent> {
    const series = seriesOf(stored.event);
    if (series) {
      for (const instance of this.instancesOf(stored, series, window)) {
        // An instance changed on its own is stored under its own id and shown from there.
        if (!this.stored.has(instance.event.id)) yield instance;
      }
      return;
    }
    const place = this.placeOf(stored);
    const touches = place.startMs < window.to && Math.max(place.endMs, place.startMs + 1) > window.from;
    if (touches) yield { ...place, event: stored.event, revision: stored.revision };
  }

  /** Instances that a series had since `revision` and has no more. */
  *instancesGoneSince(revision: number, stored: StoredEvent, window: Window): Generator<SingleEvent> {
    const series = stored.event.status === 'cancelled' ? undefined : seriesOf(stored.event);
    const present = series ? this.instancesOf(stored, series, window) : [];
    const named = new Set(present.map((one) => one.event.id));
    for (const former of stored.formerSeries) {
      if (former.replacedAt <= revision) continue;
      for (const instance of this.instancesOf(stored, former.series, window)) {
        if (named.has(instance.event.id) || this.stored.has(instance.event.id)) continue;
        named.add(instance.event.id);
        yield { ...instance, event: { ...instance.event, status: 'cancelled' } };
      }
    }
  }

  /** All-day events begin at midnight of the calendar's zone, so a new zone moves them. */
  zoneChanged(): void {
    for (const stored of this.stored.values()) this.places.delete(stored);
  }

  private instancesOf(stored: StoredEvent, series: Series, window: Window): SingleEvent[] {
    const shared = { ...stored.event, recurrence: undefined };
    const horizon = Math.max(window.from, this.now()) + horizonMs;
    const finite = { from: window.from, to: Math.min(window.to, horizon) };
    return occurrencesOf(series, this.timeZone(), finite).map(({ start, end, startMs, endMs, key }) => ({
      startMs,
      endMs,
      revision: stored.revision,
      event: {
        ...shared,
        id: `${stored.event.id}_${key}`,
        recurringEventId: stored.event.id,
        originalStartTime: start,
        start,
        end,
      },
    }));
  }

  private placeOf(stored: StoredEvent): Pick<SingleEvent, 'startMs' | 'endMs'> {
    let place = this.places.get(stored);
    if (!place) {
      const { start, end } = stored.event;
      const zone = this.timeZone();
      place = { startMs: start ? instantOf(start, zone) : 0, endMs: end ? instantOf(end, zone) : 0 };
      this.places.set(stored, place);
    }
    return place;
  }
}

export function seriesOf({ start, end, recurrence }: CalendarEvent): Series | undefined {
  return start && end && recurrence?.length ? { start, end, recurrence } : undefined;
}
