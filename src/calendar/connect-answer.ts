import type { FastifyReply } from 'fastify';
import type { ConnectResult } from './calendar-connector.js';
import { ConnectFailure } from './connect-failure.js';
import { connectedPage, failedPage, pageHeaders, questionPage } from './connect-page.js';
import { returnAddress } from './return-address.js';

/** What is down for a moment is worth another try after this long. */
const RETRY_AFTER_SECONDS = 60;

/**
 * Tells the person in front of the browser how connecting goes on: on a page, or by sending them back to the dashboard.
 * @param dashboard where connecting can be begun anew, if that is known
 */
export function answerConnecting(
  { outcome, returnTo, retryState }: ConnectResult,
  reply: FastifyReply,
  dashboard: string | undefined,
): string {
  void reply.headers(pageHeaders(returnTo));
  if (!(outcome instanceof ConnectFailure) && 'question' in outcome) {
    void reply.status(200);
    return questionPage(outcome.question);
  }
  const failure = outcome instanceof ConnectFailure ? outcome : null;
  if (failure?.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (returnTo !== null) {
    const result =
      failure === null ? { calendar: 'connected' } : { calendar: 'error', reason: failure.reason };
    // 303, since it may answer a form.
    void reply.status(reply.request.method === 'POST' ? 303 : 302);
    void reply.header('location', returnAddress(returnTo, result));
    return '';
  }
  void reply.status(failure?.status ?? 200);
  if (outcome instanceof ConnectFailure) return failedPage(outcome, { retryState, dashboard });
  return connectedPage(outcome.email);
}
