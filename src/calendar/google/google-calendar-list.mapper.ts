import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { CalendarError } from '../calendar-error.js';
import type { ListedCalendar } from '../calendar-provider.js';

/**
 * One page of an account's calendar list. The account's own calendar is `primary` here, whatever its address is.
 * @throws CalendarError `unavailable` when it is no page of a list: taken for an empty one, it would lose calendars
 */
export function fromGoogleCalendarList(page: calendar_v3.Schema$CalendarList | null): ListedCalendar[] {
  const items: unknown = page?.items ?? [];
  if (page?.kind !== 'calendar#calendarList' || !Array.isArray(items)) {
    throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
  }
  return (items as (calendar_v3.Schema$CalendarListEntry | null)[]).map((entry) => {
    const { id, primary, summaryOverride, summary, timeZone, accessRole } = entry ?? {};
    const googleId = textOf(id);
    if (googleId === null) throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
    return {
      googleId: primary === true ? 'primary' : googleId,
      summary: textOf(summaryOverride) ?? textOf(summary) ?? 'Calendar',
      timezone: textOf(timeZone) ?? 'UTC',
      accessRole: textOf(accessRole) ?? 'none',
    };
  });
}

/** A text as the database can keep it; null for what is none. */
function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.replaceAll('\0', '').slice(0, 500) : '';
  return text === '' ? null : text;
}
