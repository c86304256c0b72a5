import type { Account } from './accounts.js';
import { document, html } from './html.js';

export function indexPage(origin: string, accounts: Account[]): string {
  return document(
    'A Google for this machine',
    html`
      <p>
        This server imitates the parts of Google the booking service uses: signing in, Calendar, free/busy,
        Meet links and push messages. It is here so that everything can be tried without a Google account. Its
        accounts, events and links are not real: nobody is invited, and no meeting opens behind a Meet link.
      </p>
      <h2>Accounts</h2>
      <ul>
        ${accounts.map(
          (one) =>
            html`<li><a href="/calendar?account=${encodeURIComponent(one.email)}">${one.email}</a></li>`,
        )}
      </ul>
      ${accounts.length ? '' : html`<p>None yet. One is made when somebody connects a calendar.</p>`}
      <h2>Let something go wrong</h2>
      <p>
        <a href="/faults">/faults</a> lists the faults to come. <code>POST</code> one as JSON to add it,
        <code>DELETE</code> to clear them, for example:
      </p>
      <pre class="card">
curl -X POST ${origin}/faults -H 'content-type: application/json' \\
  -d '{"on":"events.insert","status":503,"times":3}'</pre>
    `,
  );
}
