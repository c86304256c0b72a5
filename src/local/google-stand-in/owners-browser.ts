import { clickConsent, type ConsentChoice } from './consent-click.js';

/** What a page answered, as far as a browser looks at it. */
export interface BrowsedPage {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  body: string;
}

/** Sends one request of the browser to the service; redirects are not followed. */
export type Send = (
  method: 'GET' | 'POST',
  url: URL,
  request: { headers: Record<string, string>; body?: string },
) => Promise<BrowsedPage>;

/** Over HTTP. */
async function sendOverHttp(...[method, url, request]: Parameters<Send>): Promise<BrowsedPage> {
  const answer = await fetch(url, { method, redirect: 'manual', ...request });
  const headers = Object.fromEntries(answer.headers);
  return { status: answer.status, headers, body: await answer.text() };
}

/** What an owner's browser does to connect a calendar: keeps the service's cookies, follows redirects, and presses buttons. */
export class OwnersBrowser {
  readonly #cookies = new Map<string, string>();

  constructor(private readonly send: Send = sendOverHttp) {}

  /** Opens `authUrl`. @returns the address of Google's consent page */
  async start(authUrl: string): Promise<string> {
    const { status, headers, body } = await this.#send('GET', new URL(authUrl));
    const { location } = headers;
    if (typeof location !== 'string') throw new Error(`The start address answered ${status}: ${body}`);
    return location;
  }

  /** Opens `authUrl`, and decides on Google's page. @returns where Google sends the browser back to */
  async consent(authUrl: string, choice: ConsentChoice): Promise<string> {
    return clickConsent(await this.start(authUrl), choice);
  }

  /** Opens an address of the service, and what it leads to there. */
  async open(address: string | URL): Promise<BrowsedPage> {
    const url = new URL(address);
    return this.#follow(await this.#send('GET', url), url);
  }

  /** Presses the button of that value on a page of ours; a page without buttons is left as it is. */
  async press(button: 'connect' | 'decline', page: BrowsedPage, address: string | URL): Promise<BrowsedPage> {
    const [, state] = /name="state" value="([^"]+)"/.exec(page.body) ?? [];
    const [, action] = /<form method="post" action="([^"]+)"/.exec(page.body) ?? [];
    if (state === undefined || action === undefined) return page;
    const url = new URL(action, address);
    const body = new URLSearchParams({ state, answer: button }).toString();
    return this.#follow(await this.#send('POST', url, body), url);
  }

  /** All of it. @returns the page on which it ends, or the redirect to the dashboard */
  async connect(authUrl: string, choice: ConsentChoice): Promise<BrowsedPage> {
    return this.finish(await this.consent(authUrl, choice));
  }

  /** From where Google sends the browser back to. */
  async finish(back: string | URL): Promise<BrowsedPage> {
    return this.press('connect', await this.open(back), back);
  }

  async #follow(page: BrowsedPage, from: URL): Promise<BrowsedPage> {
    const { location } = page.headers;
    if (page.status < 300 || page.status >= 400 || typeof location !== 'string') return page;
    const url = new URL(location, from);
    return url.origin === from.origin ? this.#follow(await this.#send('GET', url), url) : page;
  }

  async #send(method: 'GET' | 'POST', url: URL, body?: string): Promise<BrowsedPage> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await this.send(method, url, {
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const set of [page.headers['set-cookie'] ?? []].flat() as string[]) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
    }
    return page;
  }
}
