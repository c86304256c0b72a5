import { anyOf, plainText, withoutWords } from './plain-text.js';

/** How a language says times of day. All words as they are after `plainText`. */
export interface TimeWords {
  /** Said with an hour: before noon. */
  morning: readonly string[];
  /** Said with an hour: after noon. */
  afternoon: readonly string[];
  /** Times that have a name: noon is 12:00. */
  named: Readonly<Record<string, string>>;
  fillers: readonly string[];
}

/**
 * Wall times `HH:MM` that a text can mean, the likelier first: one, or two where only the half of the day is
 * open ("7"). None when it is not a time.
 */
export type TimeReader = (text: string) => readonly string[];

/** Hours that are in business hours after noon when nothing else is said. */
const LIKELY_AFTERNOON = [12, 1, 2, 3, 4, 5, 6];

const CLOCK = /^(?<hour>\d{1,2})(?:[:.h](?<minute>[0-5]\d))?(?::[0-5]\d(?:\.\d+)?)?$/;
const MILITARY = /^(?<hour>\d{1,2})(?<minute>[0-5]\d)$/;

/**
 * Makes the reader of a language's times. Two digits before the colon are the 24-hour clock (`09:00`,
 * `14:00:00`), as the tools' definitions ask for; an hour alone leaves its half of the day open.
 */
export function timeReader(words: TimeWords): TimeReader {
  const morning = new RegExp(`\\b${anyOf(words.morning)}\\b`);
  const afternoon = new RegExp(`\\b${anyOf(words.afternoon)}\\b`);
  return (text) => {
    const said = withoutWords(plainText(text), words.fillers);
    const named = words.named[said];
    if (named !== undefined) return [named];
    const isMorning = morning.test(said);
    const isAfternoon = afternoon.test(said);
    const digits = said.replace(morning, ' ').replace(afternoon, ' ').trim();
    const { hour, minute = '00' } = (CLOCK.exec(digits) ?? MILITARY.exec(digits))?.groups ?? {};
    if (hour === undefined || Number(hour) > 24 || (isMorning && isAfternoon)) return [];
    const h = Number(hour);
    if (isMorning || isAfternoon) return onHalf(h, minute, isAfternoon);
    const isExact = h > 12 || h === 0 || (hour.length === 2 && digits.length > 2);
    return isExact ? exactly(h, minute) : bothHalves(h, minute);
  };
}

function onHalf(hour: number, minute: string, afternoon: boolean): string[] {
  if (hour > 12) return afternoon ? exactly(hour, minute) : [];
  if (hour === 0) return afternoon ? [] : exactly(0, minute);
  return exactly((hour % 12) + (afternoon ? 12 : 0), minute);
}

function bothHalves(hour: number, minute: string): string[] {
  const halves = [exactly(hour % 12, minute), exactly((hour % 12) + 12, minute)];
  return (LIKELY_AFTERNOON.includes(hour) ? halves.reverse() : halves).flat();
}

function exactly(hour: number, minute: string): string[] {
  return hour < 24 ? [`${String(hour).padStart(2, '0')}:${minute}`] : [];
}
