import { createHash } from 'node:crypto';
import type { ConnectQuestion } from './calendar-connector.js';
import type { ConnectFailure } from './connect-failure.js';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #f5f7fa; margin: 0; padding: 1rem; }
  main { max-width: 30rem; margin: 10vh auto 0; padding: 1.5rem; background: #fff; border-radius: 8px; overflow-wrap: anywhere; }
  h1 { font-size: 1.25rem; line-height: 1.3; margin-top: 0; }
  form { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0; }
  button, .button { font: inherit; padding: .6rem 1.25rem; border: 1px solid #52606d; border-radius: 6px; background: #fff; color: #1f2933; text-decoration: none; display: inline-block; cursor: pointer; }
  .main { background: #0b5cad; border-color: #0b5cad; color: #fff; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Nothing but the page's own style, and in nobody's frame. Never stored: it says whose calendar it is. The form goes to us and
 * from there back to the dashboard, which browsers count as the form's doing.
 * @param returnTo address of the dashboard
 */
export function pageHeaders(returnTo: string | null) {
  const formAction = ["'self'", ...(returnTo === null ? [] : [new URL(returnTo).origin])].join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/** Asks the owner before anything is stored: the consent may have been begun for somebody else's organisation. */
export function questionPage({ email, organisation, state }: ConnectQuestion): string {
  return page(
    `Connect ${email} to ${organisation}?`,
    paragraphs(
      `Bookings of ${organisation} will be written into this Google Calendar, and its events will block times.`,
      `If you do not know ${organisation}, or this is not the right account, do not connect it.`,
    ) +
      `<form method="post" action="confirm"><input type="hidden" name="state" value="${escaped(state)}">
<button class="main" name="answer" value="connect">Connect</button>
<button name="answer" value="decline">Do not connect</button></form>`,
  );
}

/** What an owner sees after connecting where the dashboard named no address to return to. */
export function connectedPage(email: string): string {
  return page(
    `Calendar connected – ${email}`,
    paragraphs('Bookings now appear in this calendar. You can close this window.'),
  );
}

/** @param next where the owner can try again */
export function failedPage(
  failure: ConnectFailure,
  next: { retryState: string | null; dashboard?: string },
): string {
  const { retryState, dashboard } = next;
  const items = failure.missing.map((item) => `<li>${escaped(item)}</li>`).join('');
  return page(
    'The calendar was not connected',
    paragraphs(failure.message) +
      (items === '' ? '' : `<p>Not granted:</p><ul>${items}</ul>`) +
      (retryState === null ? '' : link(`start?state=${encodeURIComponent(retryState)}`, 'Try again')) +
      (retryState === null && dashboard !== undefined ? link(dashboard, 'Back to the dashboard') : ''),
  );
}

function link(address: string, text: string): string {
  return `<p><a class="button main" href="${escaped(address)}">${escaped(text)}</a></p>`;
}

function paragraphs(...texts: readonly string[]): string {
  return texts.map((text) => `<p>${escaped(text)}</p>\n`).join('');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title>
<style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${content}</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
