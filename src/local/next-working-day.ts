import { Temporal } from 'temporal-polyfill';

/** The first day after today, in `timezone`, that is neither Saturday nor Sunday: `YYYY-MM-DD`. */
export function nextWorkingDay(timezone: string, now: number): string {
  let day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone).toPlainDate();
  do day = day.add({ days: 1 });
  while (day.dayOfWeek > 5);
  return day.toString();
}
