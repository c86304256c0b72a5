import { DAY, MINUTE } from './intervals.js';

/*
 * Wall times as text. Every slot of an answer is written twice, so this avoids `Date`, which costs several times as much.
 */

const TWO_DIGITS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
const HOURS_AND_MINUTES = TWO_DIGITS.slice(0, 24).flatMap((hour) =>
  TWO_DIGITS.slice(0, 60).map((minute) => `${hour}:${minute}`),
);
const DAYS_OF_ERA = 146_097;
/** From 1 March of the year 0. */
const DAYS_TO_1970 = 719_468;
const FIRST_WALL = Date.parse('0000-01-01');
const END_OF_WALLS = Date.parse('9999-12-31') + DAY;

/** The date that was written last, by its days since 1970: the slots of a day follow each other. */
let lastWritten = { days: 0, date: '1970-01-01' };

/** The date of a wall time, `YYYY-MM-DD`; years that have more or fewer than four digits as `Date` writes them. */
export function dateOfWall(wall: number): string {
  if (!(wall >= FIRST_WALL && wall < END_OF_WALLS))
    return new Date(wall).toISOString().split('T', 1)[0] ?? '';
  const days = Math.floor(wall / DAY);
  if (days !== lastWritten.days) lastWritten = { days, date: dateOfDays(days + DAYS_TO_1970) };
  return lastWritten.date;
}

/**
 * The date so many days after 1 March of the year 0, by arithmetic in eras of 400 years that begin with March, so that a leap
 * day is the last of its year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
function dateOfDays(days: number): string {
  const era = Math.floor(days / DAYS_OF_ERA);
  const dayOfEra = days - era * DAYS_OF_ERA;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${twoDigits(Math.floor(year / 100))}${twoDigits(year % 100)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/**
 * `HH:MM:SS`, with `.mmm` where there are any.
 * @param time milliseconds since midnight, less than a day
 */
export function clockText(time: number): string {
  const thousandths = time % 1000;
  const clock = `${hoursAndMinutes(Math.floor(time / MINUTE))}:${twoDigits(Math.floor((time % MINUTE) / 1000))}`;
  return thousandths === 0 ? clock : `${clock}.${String(thousandths).padStart(3, '0')}`;
}

/** @param minutes fewer than a day has */
export function hoursAndMinutes(minutes: number): string {
  return HOURS_AND_MINUTES[minutes] ?? '';
}

/** @param n 0 to 99 */
function twoDigits(n: number): string {
  return TWO_DIGITS[n] ?? '';
}
