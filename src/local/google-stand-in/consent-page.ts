import type { Account } from './accounts.js';
import { document, html } from './html.js';

interface ConsentQuestion {
  accounts: Account[];
  loginHint?: string;
  /** Scopes the person may untick. */
  scopes: string[];
  clientId: string;
}

const meanings: Record<string, string> = {
  'https://www.googleapis.com/auth/calendar': 'See, edit, share, and delete all your calendars',
  'https://www.googleapis.com/auth/calendar.events': 'View and edit events on all your calendars',
  'https://www.googleapis.com/auth/calendar.events.readonly': 'View events on all your calendars',
  'https://www.googleapis.com/auth/calendar.freebusy': 'View your availability in your calendars',
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly':
    'See the list of Google calendars you’re subscribed to',
  'https://www.googleapis.com/auth/calendar.readonly': 'See and download your calendars',
};

/** Posts to its own address, so the question stays in the query and only the answer is in the form. */
export function consentPage({ accounts, loginHint, scopes, clientId }: ConsentQuestion): string {
  const chosen = accounts.find((account) => account.email === loginHint) ?? accounts[0];
  return document(
    'Choose an account',
    html`
      <p>The application <strong>${clientId}</strong> wants to access a Google account.</p>
      <form method="post" class="card">
        ${accounts.map(
          (account) => html`
            <label>
              <input
                type="radio"
                name="email"
                value="${account.email}"
                ${account === chosen ? 'checked' : ''}
              />
              ${account.name} <span class="faint">${account.email}</span>
            </label>
          `,
        )}
        <label>
          Or use another account, which is made on the spot:
          <input type="email" name="newEmail" placeholder="somebody@example.com" />
        </label>
        <h2>It asks to be allowed to</h2>
        ${scopes.map(
          (scope) => html`
            <label>
              <input type="checkbox" name="scope" value="${scope}" checked />
              ${meanings[scope] ?? scope}
            </label>
          `,
        )}
        <p>
          <button class="main" name="decision" value="grant">Grant</button>
          <button name="decision" value="deny">Deny</button>
        </p>
      </form>
    `,
  );
}

export function consentErrorPage(status: number, error: string, explanation: string): string {
  return document(
    'Access blocked',
    html`
      <p>Error ${status}: <strong>${error}</strong></p>
      <p>${explanation}</p>
    `,
  );
}
