import { Injectable } from '@nestjs/common';
import { auth, calendar, type calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { Secret } from '../../platform/config/secret.js';
import { Settings } from '../../platform/config/settings.js';
import type { Deadline } from '../../platform/deadline.js';
import { AccessTokens } from '../access-tokens.js';
import { CalendarError, isCalendarError } from '../calendar-error.js';
import {
  CalendarProvider,
  type BusyInterval,
  type BusyReading,
  type CalendarDescription,
  type CalendarRef,
  type ConnectionRef,
  type EventDraft,
  type ProviderEvent,
} from '../calendar-provider.js';
import { googleEndpoints } from './google-endpoints.js';
import { fromGoogleBusy, fromGoogleEvent, toGoogleChange, toGoogleEvent } from './google-event.mapper.js';
import { GoogleRequests } from './google-requests.js';

/** Google refuses more calendars in one query, and ranges much longer. */
const CALENDARS_PER_QUERY = 50;
const LONGEST_RANGE_MS = 30 * 86_400_000;
/** On every insert and change: one without it would lose the Meet link. */
const CONFERENCE_VERSION = { conferenceDataVersion: 1 };

type GoogleCall<Result> = (api: calendar_v3.Calendar, timeoutMs: number) => Promise<{ data: Result }>;

/** Google Calendar. Together with `GoogleOAuthProvider` the only code that knows Google's client library. */
@Injectable()
export class GoogleCalendarProvider extends CalendarProvider {
  readonly #rootUrl: string;
  readonly #requestTimeoutMs: number;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly requests: GoogleRequests,
    settings: Settings,
  ) {
    super();
    this.#rootUrl = googleEndpoints(settings.google).calendarRootUrl;
    this.#requestTimeoutMs = Math.max(settings.calendarAttemptMs / 3, 500);
  }

  async freeBusy(
    connection: ConnectionRef,
    googleIds: readonly string[],
    window: { from: number; to: number },
    deadline: Deadline,
  ): Promise<Map<string, BusyReading>> {
    const answers = await Promise.all(
      rangesOf(window).flatMap((range) =>
        groupsOf(googleIds).map((items) =>
          this.#call('freebusy.query', connection, deadline, (api) =>
            api.freebusy.query({
              requestBody: {
                timeMin: new Date(range.from).toISOString(),
                timeMax: new Date(range.to).toISOString(),
                items: items.map((id) => ({ id })),
              },
            }),
          ),
        ),
      ),
    );
    return new Map(googleIds.map((id) => [id, readingOf(id, answers, rangesOf(window).length)]));
  }

  async insertEvent(target: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent> {
    return this.#event('events.insert', target, event.id, deadline, (api) =>
      api.events.insert({
        calendarId: target.googleId,
        sendUpdates: event.content.attendeeEmail === undefined ? 'none' : 'all',
        requestBody: toGoogleEvent(target.tenant, event),
        ...CONFERENCE_VERSION,
      }),
    );
  }

  async getEvent(target: CalendarRef, eventId: string, deadline: Deadline): Promise<ProviderEvent> {
    return this.#event('events.get', target, eventId, deadline, (api) =>
      api.events.get({ calendarId: target.googleId, eventId }),
    );
  }

  async updateEvent(target: CalendarRef, event: EventDraft, deadline: Deadline): Promise<ProviderEvent> {
    return this.#event('events.patch', target, event.id, deadline, (api) =>
      api.events.patch({
        calendarId: target.googleId,
        eventId: event.id,
        sendUpdates: event.content.attendeeEmail === undefined ? 'none' : 'all',
        requestBody: toGoogleChange(target.tenant, event),
        ...CONFERENCE_VERSION,
      }),
    );
  }

  async deleteEvent(
    target: CalendarRef,
    eventId: string,
    { notify }: { notify: boolean },
    deadline: Deadline,
  ): Promise<void> {
    await this.#call('events.delete', target, deadline, async (api) => {
      const sendUpdates = notify ? 'all' : 'none';
      const answer = await api.events.delete({ calendarId: target.googleId, eventId, sendUpdates });
      const data: unknown = answer.data;
      // Success is an empty answer. A page of something in between is none.
      if (answer.status !== 204 && data)
        throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
      return { data };
    });
  }

  async describePrimary(accessToken: Secret, deadline: Deadline): Promise<CalendarDescription> {
    const { summary, timeZone } = await this.#request('calendarList.get', accessToken, deadline, (api) =>
      api.calendarList.get({ calendarId: 'primary' }),
    );
    return { summary: summary ?? 'Calendar', timezone: timeZone ?? 'UTC' };
  }

  /**
   * A call that answers with the event it is about. Anything else with a status of success is not Google's: taken for the
   * event, it would lose the booking's.
   */
  async #event(
    operation: string,
    target: CalendarRef,
    eventId: string,
    deadline: Deadline,
    call: GoogleCall<calendar_v3.Schema$Event | null>,
  ): Promise<ProviderEvent> {
    return this.#call(operation, target, deadline, async (api, timeoutMs) => {
      const { data } = await call(api, timeoutMs);
      if (data?.id !== eventId) throw new CalendarError('unavailable', { reason: 'unexpected_answer' });
      return { data: fromGoogleEvent(data) };
    });
  }

  /** With the connection's token; when Google does not take it, once more with a new one. */
  async #call<Result>(
    operation: string,
    connection: ConnectionRef,
    deadline: Deadline,
    call: GoogleCall<Result>,
  ): Promise<Result> {
    const first = await this.tokens.for(connection, deadline);
    try {
      return await this.#request(operation, first.token, deadline, call);
    } catch (error) {
      if (!isCalendarError(error, 'unauthorized')) throw error;
      const second = await this.tokens.for(connection, deadline, { refused: first });
      return this.#request(operation, second.token, deadline, call);
    }
  }

  async #request<Result>(
    operation: string,
    accessToken: Secret,
    deadline: Deadline,
    call: GoogleCall<Result>,
  ): Promise<Result> {
    // Every call made here may be repeated: reads, and writes of an event whose id we chose.
    const request = { operation, deadline, requestTimeoutMs: this.#requestTimeoutMs, repeatable: true };
    return this.requests.make(request, async (timeout) => {
      // With the access token alone the client neither refreshes nor repeats anything by itself.
      const client = new auth.OAuth2();
      client.setCredentials({ access_token: accessToken.reveal() });
      const options = { auth: client, rootUrl: this.#rootUrl, timeout, retry: false };
      return (await call(calendar({ version: 'v3', ...options }), timeout)).data;
    });
  }
}

function rangesOf({ from, to }: { from: number; to: number }): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (let start = from; start < to; start += LONGEST_RANGE_MS) {
    ranges.push({ from: start, to: Math.min(to, start + LONGEST_RANGE_MS) });
  }
  return ranges;
}

function groupsOf(ids: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (let start = 0; start < ids.length; start += CALENDARS_PER_QUERY) {
    groups.push(ids.slice(start, start + CALENDARS_PER_QUERY));
  }
  return groups;
}

/** A calendar is known when every range of it is. */
function readingOf(
  id: string,
  answers: readonly (calendar_v3.Schema$FreeBusyResponse | null)[],
  ranges: number,
): BusyReading {
  const busy: BusyInterval[] = [];
  const parts = answers.flatMap((answer) => {
    const calendar = answer?.calendars?.[id];
    return calendar === undefined ? [] : [fromGoogleBusy(calendar)];
  });
  for (const part of parts) {
    if (!part.known) return part;
    busy.push(...part.busy);
  }
  return parts.length === ranges ? { known: true, busy: joined(busy) } : { known: false, reason: 'missing' };
}

/** What a range's end cut in two is made one again. */
function joined(busy: BusyInterval[]): BusyInterval[] {
  const merged: BusyInterval[] = [];
  for (const { start, end } of busy.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
