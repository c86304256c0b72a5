import type { Account } from './accounts.js';
import type { Calendar } from './calendar.js';
import type { CalendarEvent } from './calendar-event.js';
import type { SingleEvent } from './event-store.js';
import { document, html, type Html } from './html.js';

const daysShown = 60;

/** An account's coming events, as its owner would see them, with what an owner does: add and delete. */
export function calendarPage(account: Account): string {
  return document(
    `Calendar of ${account.email}`,
    html`<p><a href="/">All accounts</a></p>
      ${account.calendars().map(({ calendar }) => calendarSection(account, calendar))}`,
  );
}

function calendarSection(account: Account, calendar: Calendar): Html {
  const now = calendar.surroundings.now();
  const coming = [...calendar.store.singlesWithin({ from: now, to: now + daysShown * 86_400_000 })];
  coming.sort((a, b) => a.startMs - b.startMs);
  const address = `/calendar?account=${encodeURIComponent(account.email)}`;
  return html`
    <h2>${calendar.summary}</h2>
    <p class="faint">Times in ${calendar.timeZone}, the next ${daysShown} days</p>
    ${coming.length ? coming.map((one) => eventCard(one, calendar, address)) : html`<p>No events yet.</p>`}
    <form method="post" action="${address}" class="card">
      <strong>Add an event as the owner would</strong>
      <input type="hidden" name="action" value="add" />
      <input type="hidden" name="calendar" value="${calendar.id}" />
      <label>Title <input type="text" name="title" required /></label>
      <label>Start <input type="datetime-local" name="start" required /></label>
      <label>End <input type="datetime-local" name="end" required /></label>
      <button class="main">Add</button>
    </form>
  `;
}

function eventCard({ event, startMs, endMs }: SingleEvent, calendar: Calendar, address: string): Html {
  return html`
    <div class="card" id="${event.id}">
      <strong>${event.summary ?? '(No title)'}</strong> ${event.status === 'tentative' ? '(tentative)' : ''}
      <div>${shownTimes(event, startMs, endMs, calendar.timeZone)}</div>
      ${meetLink(event)} ${event.location ? html`<div>${event.location}</div>` : ''}
      ${event.description ? html`<div class="faint">${event.description}</div>` : ''}
      <form method="post" action="${address}">
        <input type="hidden" name="action" value="delete" />
        <input type="hidden" name="calendar" value="${calendar.id}" />
        <input type="hidden" name="id" value="${event.id}" />
        <button>Delete</button>
      </form>
    </div>
  `;
}

function meetLink({ hangoutLink, conferenceData }: CalendarEvent): Html | string {
  const link = html`<a href="${hangoutLink}" rel="noreferrer">${hangoutLink}</a>`;
  if (hangoutLink) return html`<div>Google Meet: ${link}</div>`;
  const state = conferenceData?.createRequest?.status?.statusCode;
  return state ? html`<div class="faint">Google Meet: ${state}</div>` : '';
}

function shownTimes(event: CalendarEvent, startMs: number, endMs: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone });
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone });
  // A date's end is exclusive: the last moment of the event is still the day before.
  if (event.start?.date) return `${day.formatRange(startMs, Math.max(startMs, endMs - 1))}, all day`;
  const lastDay = day.format(endMs) === day.format(startMs) ? '' : `${day.format(endMs)}, `;
  return `${day.format(startMs)}, ${time.format(startMs)} – ${lastDay}${time.format(endMs)}`;
}
