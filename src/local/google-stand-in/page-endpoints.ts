import type { Account, Accounts } from './accounts.js';
import { json, page, redirect, type Answer } from './answer.js';
import { ApiError, badRequest, notFound } from './api-error.js';
import { calendarPage } from './calendar-page.js';
import type { Faults } from './faults.js';
import { document, html } from './html.js';
import { formOf, jsonOf, type Incoming } from './incoming.js';
import { indexPage } from './index-page.js';

/** What only the stand-in has: pages for a person, and faults for another process. */
export class PageEndpoints {
  constructor(
    private readonly accounts: Accounts,
    private readonly faults: Faults,
  ) {}

  answer(incoming: Incoming): Answer {
    const { method, url, headers } = incoming;
    // Pages of other sites in the same browser have no business here.
    if (method !== 'GET' && headers['sec-fetch-site'] === 'cross-site') {
      throw new ApiError(403, 'forbidden', 'Forbidden');
    }
    switch (url.pathname) {
      case '/':
        return page(200, indexPage(url.origin, this.accounts.all()));
      case '/calendar':
        return this.calendar(incoming);
      case '/calendar/event':
        return this.event(url.searchParams.get('eid') ?? '');
      case '/faults':
        return this.answerFaults(incoming);
      default:
        throw notFound();
    }
  }

  private calendar(incoming: Incoming): Answer {
    const email = incoming.url.searchParams.get('account') ?? '';
    const account = this.accounts.find(email);
    if (!account) return page(404, document('No such account', html`<p>${email} has no account here.</p>`));
    if (incoming.method !== 'POST') return page(200, calendarPage(account));
    try {
      this.actAsOwner(account, formOf(incoming));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return page(error.status, document('That did not work', html`<p>${error.message}</p>`));
    }
    return redirect(incoming.url.pathname + incoming.url.search);
  }

  private actAsOwner(account: Account, form: URLSearchParams): void {
    const calendar = account.listed(form.get('calendar') ?? 'primary')?.calendar;
    if (!calendar) throw notFound();
    if (form.get('action') === 'delete') calendar.deleteEvent(form.get('id') ?? '');
    else {
      const time = (name: string) => ({ dateTime: form.get(name) ?? '', timeZone: calendar.timeZone });
      calendar.addEvent({ summary: form.get('title') ?? '', start: time('start'), end: time('end') });
    }
  }

  /** An event's `htmlLink` leads here, and on to its owner's page. */
  private event(eid: string): Answer {
    const [eventId = '', calendarId = ''] = Buffer.from(eid, 'base64url').toString().split(' ');
    const owner = this.accounts.calendarById(calendarId)?.owner;
    if (!owner) throw notFound();
    return redirect(`/calendar?account=${encodeURIComponent(owner)}#${encodeURIComponent(eventId)}`);
  }

  private answerFaults(incoming: Incoming): Answer {
    if (incoming.method === 'DELETE') this.faults.clear();
    if (incoming.method === 'POST') {
      const fault = jsonOf(incoming);
      try {
        this.faults.addFromJson(fault);
      } catch (error) {
        throw badRequest((error as Error).message);
      }
    }
    return json(incoming.method === 'POST' ? 201 : 200, { faults: this.faults.list() });
  }
}
