import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { CalendarError } from '../calendar-error.js';
import type { Deadline } from '../../platform/deadline.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { asCalendarError } from './google-error.js';

const MOST_TRIES = 4;
const FIRST_WAIT_MS = 250;
/** A request that could not finish in less than this is not begun. */
const LEAST_REQUEST_MS = 20;

export interface GoogleRequest {
  /** As in the discovery document, or the OAuth endpoint's name. */
  operation: string;
  deadline: Deadline;
  /** The longest that one request may take, so that a hanging one leaves time for another. */
  requestTimeoutMs: number;
  /** Whether the request may be made again after an unknown outcome. */
  repeatable: boolean;
}

/** Every request to Google goes through here: bounded in time, repeated where that helps, and counted. */
@Injectable()
export class GoogleRequests {
  readonly #answered: (labels: { operation: string; outcome: string }, seconds: number) => void;

  constructor(metrics: Metrics) {
    this.#answered = metrics.histogram({
      name: 'google_request_duration_seconds',
      help: 'Time that requests to Google take, by operation and by what came of them',
      labels: ['operation', 'outcome'],
    });
  }

  /**
   * Makes a request, again and again within the deadline while it fails temporarily: full jitter, and never sooner than
   * Google's `Retry-After`; when that does not fit in, the failure is thrown at once for a job to come back later.
   * @throws CalendarError
   */
  async make<Result>(
    { operation, deadline, requestTimeoutMs, repeatable }: GoogleRequest,
    request: (timeoutMs: number) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      const timeoutMs = Math.floor(Math.min(requestTimeoutMs, deadline.remainingMs));
      if (timeoutMs < LEAST_REQUEST_MS) throw new CalendarError('timeout');
      try {
        return await this.#once(operation, () => request(timeoutMs));
      } catch (error) {
        const failure = asCalendarError(error, operation);
        if (!repeatable || !failure.isTemporary || tries >= MOST_TRIES) throw failure;
        const waitMs = Math.max(failure.retryAfterMs ?? 0, Math.random() * FIRST_WAIT_MS * 2 ** tries);
        if (waitMs + LEAST_REQUEST_MS > deadline.remainingMs) throw failure;
        await sleep(waitMs);
      }
    }
  }

  async #once<Result>(operation: string, request: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const answered = (outcome: string): void =>
      this.#answered({ operation, outcome }, (performance.now() - began) / 1000);
    try {
      const result = await request();
      answered('ok');
      return result;
    } catch (error) {
      const failure = asCalendarError(error, operation);
      answered(failure.kind);
      throw failure;
    }
  }
}
