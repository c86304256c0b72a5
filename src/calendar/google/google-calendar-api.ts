import { Injectable } from '@nestjs/common';
import { auth, calendar, type calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import type { Secret } from '../../platform/config/secret.js';
import { Settings } from '../../platform/config/settings.js';
import type { Deadline } from '../../platform/deadline.js';
import { AccessTokens } from '../access-tokens.js';
import { isCalendarError } from '../calendar-error.js';
import type { ConnectionRef } from '../calendar-provider.js';
import { googleEndpoints } from './google-endpoints.js';
import { GoogleRequests } from './google-requests.js';

export type GoogleCall<Result> = (
  api: calendar_v3.Calendar,
  timeoutMs: number,
) => Promise<{ data: Result; headers?: unknown }>;

/** Calls of the Calendar API, each in the name of a connected account. */
@Injectable()
export class GoogleCalendarApi {
  readonly #rootUrl: string;
  readonly #requestTimeoutMs: number;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly requests: GoogleRequests,
    settings: Settings,
  ) {
    this.#rootUrl = googleEndpoints(settings.google).calendarRootUrl;
    this.#requestTimeoutMs = Math.max(settings.calendarAttemptMs / 3, 500);
  }

  /**
   * With the connection's token; when Google does not take it, once more with a new one.
   * @param operation as in the discovery document
   * @throws CalendarError
   */
  async call<Result>(
    operation: string,
    connection: ConnectionRef,
    deadline: Deadline,
    call: GoogleCall<Result>,
  ): Promise<Result> {
    const first = await this.tokens.for(connection, deadline);
    try {
      return await this.request(operation, first.token, deadline, call);
    } catch (error) {
      if (!isCalendarError(error, 'unauthorized')) throw error;
      const second = await this.tokens.for(connection, deadline, { refused: first });
      return this.request(operation, second.token, deadline, call);
    }
  }

  /** @throws CalendarError */
  async request<Result>(
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
