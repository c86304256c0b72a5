import type { FastifyReply } from 'fastify';
import type { ConnectResult } from './calendar-connector.js';
import { ConnectFailure } from './connect-failure.js';
import { connectedPage, failedPage, PAGE_HEADERS } from './connect-page.js';
import { returnAddress } from './return-address.js';

/** What is down for a moment is worth another try after this long. */
const RETRY_AFTER_SECONDS = 60;

/** Tells the person in front of the browser how connecting ended: on a page, or by sending them back to the dashboard. */
export function answerConnecting({ outcome, returnTo }: ConnectResult, reply: FastifyReply): string {
  const failure = outcome instanceof ConnectFailure ? outcome : null;
  void reply.headers(PAGE_HEADERS);
  if (failure?.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (returnTo !== null) {
    const result =
      failure === null ? { calendar: 'connected' } : { calendar: 'error', reason: failure.reason };
    void reply.status(302).header('location', returnAddress(returnTo, result));
    return '';
  }
  void reply.status(failure?.status ?? 200);
  if (outcome instanceof ConnectFailure) return failedPage(outcome);
  return connectedPage(outcome.email);
}
