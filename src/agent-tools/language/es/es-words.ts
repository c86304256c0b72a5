import type { SpokenClock } from '../spoken-clock.js';

/** A time of day in words: "las 2 y media", "de la tarde". */
interface SpanishTime {
  hour: string;
  /** In which part of the day. */
  part: string;
}

/** "miércoles 20 de enero" */
export function spanishDay(clock: SpokenClock, date: string, saying?: { withYear: boolean }): string {
  return clock.day(date, saying).replace(', ', ' ');
}

/** "miércoles 20 de enero a las 2 de la tarde" @param isLast of the times in a sentence, which names the zone for all */
export function spanishLabel(clock: SpokenClock, start: number, isLast = true): string {
  return `${spanishDay(clock, clock.dateOf(start))} ${spanishTimes(clock, [start], isLast)}`;
}

/**
 * "a las 2, a las 3 y a las 4 de la tarde": the part of the day once for all that are in it. With the zone's name where the
 * caller's is another: "a las 2 de la tarde hora de Europa central".
 */
export function spanishTimes(clock: SpokenClock, starts: readonly number[], isLast = true): string {
  const times = starts.map((start) => timeInWords(clock.wallTimeOf(start)));
  const said = times.map(({ hour, part }, index) =>
    times[index + 1]?.part === part ? `a ${hour}` : `a ${hour} ${part}`,
  );
  const [first] = starts;
  const zone = first === undefined || !isLast ? null : clock.zoneName(first);
  return zone === null ? spanishList(said) : `${spanishList(said)} ${zone}`;
}

/** "las 2 y media de la tarde" @param time `HH:MM` */
export function spanishTime(time: string): string {
  const { hour, part } = timeInWords(time);
  return `${hour} ${part}`;
}

/** "y" is "e" before its own sound, and "o" is "u". */
export function spanishList(items: readonly string[], conjunction: 'y' | 'o' = 'y'): string {
  const last = items.at(-1) ?? '';
  if (items.length < 2) return last;
  return `${items.slice(0, -1).join(', ')} ${before(last, conjunction)} ${last}`;
}

/** Where the items hold commas or conjunctions themselves. */
export function spanishLongList(items: readonly string[], conjunction: 'y' | 'o'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')}, ${conjunction} ${items.at(-1)}`;
}

function before(word: string, conjunction: 'y' | 'o'): string {
  if (conjunction === 'y') return /^h?[ií](?![aeo])/i.test(word) ? 'e' : 'y';
  return /^h?[oó]/i.test(word) ? 'u' : 'o';
}

function timeInWords(time: string): SpanishTime {
  const hours = Number(time.slice(0, 2)) % 24;
  const minutes = Number(time.slice(3, 5));
  const hour = hours % 12 || 12;
  const past = minutes === 0 ? '' : ` y ${MINUTES[minutes] ?? minutes}`;
  return { hour: `${hour === 1 ? 'la' : 'las'} ${hour}${past}`, part: partOf(hours, minutes) };
}

const MINUTES: Readonly<Record<number, string>> = { 15: 'cuarto', 30: 'media' };

function partOf(hours: number, minutes: number): string {
  if (hours === 12 && minutes === 0) return 'del mediodía';
  if (hours === 0 || hours >= 20) return 'de la noche';
  if (hours < 6) return 'de la madrugada';
  return hours < 12 ? 'de la mañana' : 'de la tarde';
}
