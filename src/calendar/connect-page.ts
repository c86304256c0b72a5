import { createHash } from 'node:crypto';
import type { ConnectFailure } from './connect-failure.js';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #f5f7fa; margin: 0; }
  main { max-width: 30rem; margin: 15vh auto 0; padding: 2rem; background: #fff; border-radius: 8px; }
  h1 { font-size: 1.25rem; margin-top: 0; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but the page's own style, and in nobody's frame. Never stored: it says whose calendar it is. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** What an owner sees after connecting where the dashboard named no address to return to. */
export function connectedPage(email: string): string {
  return page(`Calendar connected – ${email}`, [
    'Bookings now appear in this calendar. You can close this window.',
  ]);
}

export function failedPage(failure: ConnectFailure): string {
  return page('The calendar was not connected', [failure.message], failure.missing);
}

function page(title: string, paragraphs: readonly string[], list: readonly string[] = []): string {
  const items = list.map((item) => `<li>${escaped(item)}</li>`).join('');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
${items === '' ? '' : `<p>Not granted:</p><ul>${items}</ul>`}</main></body>
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
