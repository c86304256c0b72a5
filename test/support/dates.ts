import { addDays, localDateOf, weekdayOf, type Weekday } from '../../src/booking/engine/zoned-time.js';

/** The next date on that weekday that is at least two days away, so that no test depends on the time of day. */
export function upcoming(weekday: Weekday, timezone = 'America/New_York'): string {
  let date = addDays(localDateOf(Date.now(), timezone), 2);
  while (weekdayOf(date) !== weekday) date = addDays(date, 1);
  return date;
}

/** `2026-11-25T14:00:00` in New York or another zone, as an instant with offset. */
export function at(date: string, time: string, timezone = 'America/New_York'): string {
  const wall = Date.parse(`${date}T${time}:00Z`);
  const offset = (instant: number) => {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
      .formatToParts(instant)
      .find(({ type }) => type === 'timeZoneName')?.value;
    const [, sign = '+', hours = '00', minutes = '00'] = /GMT([+-])(\d{2}):(\d{2})/.exec(parts ?? '') ?? [];
    return {
      text: `${sign}${hours}:${minutes}`,
      ms: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000,
    };
  };
  const { text } = offset(wall - offset(wall).ms);
  return `${date}T${time}:00${text}`;
}

/** The local hours at which slots start: `[9, 10, 11]`. */
export function hoursOf(slots: readonly { startsAt: string }[]): number[] {
  return slots.map(({ startsAt }) => Number(startsAt.slice(11, 13)));
}
