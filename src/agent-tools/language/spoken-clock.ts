import { DAY, MINUTE } from '../../booking/engine/intervals.js';
import {
  addDays,
  localDateOf,
  timeOfDay,
  wallMidnight,
  wallOf,
  zonedInstant,
} from '../../booking/engine/zoned-time.js';

/** Dates this far ahead are said with their year. */
const DAYS_WITHOUT_YEAR = 300;

/** A format, and what it made of the wall times that were said last. */
interface Format {
  intl: Intl.DateTimeFormat;
  said: Map<number, string>;
}

interface Formats {
  day: Format;
  dayOfYear: Format;
  hour: Format;
  minute: Format;
}

/**
 * Making a format costs a hundred times what using it does. Locales come from tenants, so there has to be a
 * bound.
 */
const formatsByLocale = new Map<string, Formats>();
const MOST_LOCALES = 200;
const MOST_SAID = 1_000;

/**
 * Days and times as they are said in a locale, in a tenant's zone, at a moment: "Wednesday, January 21", "2
 * PM", "2:30 PM". The year is said only where it might be taken for another.
 */
export class SpokenClock {
  /** The date in the zone at this moment, `YYYY-MM-DD`. */
  readonly today: string;
  readonly #formats: Formats;
  /** Those in which the caller may be, none of them the one that times are said in. */
  readonly #otherZones: readonly string[];
  /** Whether the caller is known to be in the zone that times are said in. */
  readonly isWithCaller: boolean;

  /**
   * @param now epoch milliseconds
   * @param callerZones those in which the caller may be; empty where nothing is known of that
   */
  constructor(
    readonly locale: string,
    readonly timezone: string,
    readonly now: number,
    callerZones: readonly string[] = [],
  ) {
    this.#otherZones = callerZones.includes(timezone) ? [] : callerZones;
    this.isWithCaller = callerZones.length === 1 && callerZones[0] === timezone;
    this.today = localDateOf(now, timezone);
    this.#formats = formatsOf(locale);
  }

  /** The local date of an instant. */
  dateOf(instant: number): string {
    return localDateOf(instant, this.timezone);
  }

  day(date: string, { withYear = false }: { withYear?: boolean } = {}): string {
    const isNear = date >= this.today && date < addDays(this.today, DAYS_WITHOUT_YEAR);
    const format = isNear && !withYear ? this.#formats.day : this.#formats.dayOfYear;
    return say(format, wallMidnight(date));
  }

  /** The local time of an instant. */
  time(instant: number): string {
    const wall = wallOf(instant, this.timezone);
    return this.#timeAfterMidnight(wall - Math.floor(wall / DAY) * DAY);
  }

  /** The local time of an instant, as `HH:MM`. */
  wallTimeOf(instant: number): string {
    return new Date(wallOf(instant, this.timezone)).toISOString().slice(11, 16);
  }

  /**
   * The name of the zone that times are said in, as of an instant: "Eastern Time". Null unless the caller's clock certainly
   * shows another time, so that nobody hears what they know.
   */
  zoneName(instant: number): string | null {
    const here = wallOf(instant, this.timezone);
    const isElsewhere =
      this.#otherZones.length > 0 && this.#otherZones.every((zone) => wallOf(instant, zone) !== here);
    if (!isElsewhere) return null;
    return genericZoneName(this.locale, this.timezone, instant);
  }

  /** The name of the zone that times are said in: "Eastern Time"; null where it has none. */
  get ownZoneName(): string | null {
    return genericZoneName(this.locale, this.timezone, this.now);
  }

  /** What this clock shows when the caller's shows a time; undefined where that is not known. @param time `HH:MM` */
  byCallersClock(date: string, time: string): { date: string; time: string } | undefined {
    const instants = this.#otherZones.flatMap((zone) => zonedInstant(date, time, zone).instants.slice(0, 1));
    const [instant] = new Set(instants);
    if (instant === undefined || instants.some((other) => other !== instant)) return undefined;
    return { date: this.dateOf(instant), time: this.wallTimeOf(instant) };
  }

  /** @param time `HH:MM` */
  wallTime(time: string): string {
    return this.#timeAfterMidnight(timeOfDay(time));
  }

  /** @param time milliseconds, less than a day */
  #timeAfterMidnight(time: number): string {
    const minutes = Math.floor(time / MINUTE);
    return say(minutes % 60 === 0 ? this.#formats.hour : this.#formats.minute, minutes * MINUTE);
  }
}

/** By locale and zone. The name is the same in summer and winter, and looking it up costs more than saying a day's times. */
const zoneNames = new Map<string, string | null>();
const MOST_ZONE_NAMES = 1_000;

function genericZoneName(locale: string, timeZone: string, instant: number): string | null {
  const key = `${locale} ${timeZone}`;
  let name = zoneNames.get(key);
  if (name === undefined) {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'longGeneric' });
    name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? null;
    if (zoneNames.size >= MOST_ZONE_NAMES) zoneNames.clear();
    zoneNames.set(key, name);
  }
  return name;
}

function formatsOf(locale: string): Formats {
  let formats = formatsByLocale.get(locale);
  if (formats === undefined) {
    // Given wall times as if they were UTC, so that no zone takes part.
    const base = { timeZone: 'UTC', calendar: 'gregory', numberingSystem: 'latn' } as const;
    const day = { ...base, weekday: 'long', month: 'long', day: 'numeric' } as const;
    const hour = { ...base, hour: 'numeric', hour12: true } as const;
    const format = (options: Intl.DateTimeFormatOptions): Format => ({
      intl: new Intl.DateTimeFormat(locale, options),
      said: new Map(),
    });
    formats = {
      day: format(day),
      dayOfYear: format({ ...day, year: 'numeric' }),
      hour: format(hour),
      minute: format({ ...hour, minute: '2-digit' }),
    };
    if (formatsByLocale.size >= MOST_LOCALES) formatsByLocale.clear();
    formatsByLocale.set(locale, formats);
  }
  return formats;
}

/** A day's times are said over and over, and saying one costs as much as finding a day's slots. */
function say({ intl, said }: Format, wall: number): string {
  let text = said.get(wall);
  if (text === undefined) {
    // ICU puts narrow and unbreakable spaces before "PM", which some locales write "pm".
    text = intl
      .format(wall)
      .replace(/[\u00a0\u202f]/g, ' ')
      .replace(/ [ap]\.?m\.?$/, (half) => half.toUpperCase());
    if (said.size >= MOST_SAID) said.clear();
    said.set(wall, text);
  }
  return text;
}
