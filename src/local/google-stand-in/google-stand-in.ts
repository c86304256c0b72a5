import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, type KeptAccounts, type NewAccount, type StandInAccount } from './accounts.js';
import { ApiError, badRequest, notFound } from './api-error.js';
import type { Answer } from './answer.js';
import { AuthorizationEndpoint } from './authorization-endpoint.js';
import { CalendarEndpoints } from './calendar-endpoints.js';
import { clickConsent, type ConsentChoice } from './consent-click.js';
import { ExchangeServer, type Outcome } from './exchange-server.js';
import { faultAnswer, Faults, type StandInFault } from './faults.js';
import { Grants, type KeptGrants } from './grants.js';
import { IdTokens, type KeptSigningKey } from './id-tokens.js';
import { jsonOf, type Incoming } from './incoming.js';
import { PageEndpoints } from './page-endpoints.js';
import type { PushChannel } from './push-channel.js';
import { PushChannels } from './push-channels.js';
import type { PushDelivery } from './push-delivery.js';
import { queryOf, RequestLog, type StandInRequest } from './request-log.js';
import { chosenEmail, presentedToken, shownBody, targetOf, type Target } from './request-target.js';
import { StateFile } from './state-file.js';
import { TokenEndpoints } from './token-endpoints.js';

export type { ConsentChoice } from './consent-click.js';
export type { StandInFault } from './faults.js';
export type { NewAccount, StandInAccount } from './accounts.js';
export type { StandInCalendar } from './calendar.js';
export type { StandInRequest } from './request-log.js';

export interface GoogleStandInOptions {
  /** By default any free port. Only 127.0.0.1 is bound. */
  port?: number;
  clientId: string;
  clientSecret: string;
  /** When given, a redirect URI must be one of these to the letter. */
  redirectUris?: string[];
  /** When given, accounts, events, tokens and channels survive a restart and kill -9. */
  stateFile?: string;
  /** Epoch milliseconds. */
  now?: () => number;
  /** How many reads of an event see its conference as `pending` before the link is there. */
  meetPendingReads?: number;
}

interface KeptState {
  accounts: KeptAccounts;
  grants: KeptGrants;
  channels: PushChannel[];
  signingKey: KeptSigningKey;
}

/** These change what is kept beside the calendars; a calendar reports its own changes. */
const changesTokensOrChannels = new Set(['auth', 'token', 'revoke', 'events.watch', 'channels.stop']);

/**
 * Google's OAuth and Calendar v3 as one local HTTP server. The real client library works against it, so what
 * passes here is what the library really sends and really understands.
 */
export class GoogleStandIn {
  private readonly accounts: Accounts;
  private readonly grants: Grants;
  private readonly channels: PushChannels;
  private readonly faults = new Faults();
  private readonly log = new RequestLog();
  private readonly state: StateFile;
  private readonly server = new ExchangeServer(
    (incoming) => this.handle(incoming),
    () => this.now(),
  );
  private readonly stopping = new AbortController();
  private readonly authorization: AuthorizationEndpoint;
  private readonly tokens: TokenEndpoints;
  private readonly calendars: CalendarEndpoints;
  private readonly pages: PageEndpoints;
  private readonly now: () => number;

  private constructor(options: GoogleStandInOptions) {
    const now = options.now ?? Date.now;
    this.now = now;
    const kept = StateFile.read(options.stateFile) as KeptState | undefined;
    this.grants = new Grants(now, kept?.grants);
    this.channels = new PushChannels(now, kept?.channels);
    this.accounts = new Accounts(
      {
        now,
        origin: () => this.origin,
        meetPendingReads: options.meetPendingReads ?? 0,
        changed: (calendar) => {
          this.channels.announce(calendar);
          this.state.mark();
        },
      },
      kept?.accounts,
    );
    const idTokens = new IdTokens(kept?.signingKey);
    this.state = new StateFile(options.stateFile, () => ({
      accounts: this.accounts,
      grants: this.grants,
      channels: this.channels,
      signingKey: idTokens,
    }));
    this.authorization = new AuthorizationEndpoint(options, this.accounts, this.grants);
    this.tokens = new TokenEndpoints(options, this.accounts, this.grants, idTokens, now);
    this.calendars = new CalendarEndpoints(this.accounts, this.grants, this.channels);
    this.pages = new PageEndpoints(this.accounts, this.faults);
  }

  static async start(options: GoogleStandInOptions): Promise<GoogleStandIn> {
    const standIn = new GoogleStandIn(options);
    await standIn.server.listen(options.port ?? 0);
    return standIn;
  }

  /** `http://127.0.0.1:PORT`, the value of GOOGLE_ENDPOINT. */
  get origin(): string {
    return this.server.origin;
  }

  /** Closes every connection, hanging ones too, and writes the state. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.server.stop();
    await this.channels.delivery.stop();
    await this.state.saved();
  }

  addAccount(account: NewAccount): StandInAccount {
    return this.accounts.add(account);
  }

  account(email: string): StandInAccount {
    const account = this.accounts.find(email);
    if (!account) throw new Error(`no account ${email}`);
    return account;
  }

  fault(fault: StandInFault): void {
    this.faults.add(fault);
  }

  clearFaults(): void {
    this.faults.clear();
    this.server.closeHanging();
  }

  get requests(): readonly StandInRequest[] {
    return this.log.entries;
  }

  clearRequests(): void {
    this.log.clear();
  }

  /** Does what a person does on the consent page; answers the address they are sent back to. */
  consent(authUrl: string, choice: ConsentChoice): Promise<string> {
    return clickConsent(authUrl, choice);
  }

  expireAccessTokens(email?: string): void {
    this.grants.expireAccessTokens(email === undefined ? undefined : this.account(email).sub);
    this.state.mark();
  }

  /** As when the person takes the permission back in their Google account. */
  revokeGrant(email: string): void {
    this.grants.revoke(this.account(email).sub);
    this.state.mark();
  }

  /** When on, every refresh brings a new refresh token and the old one dies. */
  rotateRefreshTokens(on: boolean): void {
    this.grants.rotatesRefreshTokens = on;
  }

  get accessTokenLifetimeSeconds(): number {
    return this.grants.accessTokenLifetimeSeconds;
  }

  set accessTokenLifetimeSeconds(seconds: number) {
    this.grants.accessTokenLifetimeSeconds = seconds;
  }

  /** How pushes travel: lost (`copies: 0`), doubled (`copies: 2`), late, or before the watch is answered. */
  get pushes(): Pick<PushDelivery, 'copies' | 'delayMs' | 'syncBeforeAnswer' | 'settled'> {
    return this.channels.delivery;
  }

  private async handle(incoming: Incoming): Promise<Outcome> {
    const target = targetOf(incoming);
    const sub = this.grants.ownerOf(presentedToken(incoming));
    const entry = this.log.add({
      at: this.now(),
      method: incoming.method,
      path: incoming.url.pathname,
      operation: target.operation,
      query: queryOf(incoming.url.searchParams),
      body: shownBody(incoming),
      accountEmail: sub ? this.accounts.findBySub(sub)?.email : chosenEmail(incoming),
      status: 0,
    });
    const fault =
      target.operation === 'page' ? undefined : this.faults.take(target.operation, entry.accountEmail);
    if (fault?.drop) return 'destroy';
    if (fault?.hang) return 'hang';
    if (fault?.delayMs) await sleep(fault.delayMs, undefined, { signal: this.stopping.signal });
    const isRefused = fault?.status !== undefined || fault?.body !== undefined;
    const answer = isRefused
      ? faultAnswer(target.operation, fault)
      : this.answerTo(target, fault?.ignoreId ? withoutId(incoming) : incoming);
    if (target.operation === 'events.watch' && this.pushes.syncBeforeAnswer) await this.pushes.settled();
    if (changesTokensOrChannels.has(target.operation)) this.state.mark();
    await this.state.saved();
    if (fault?.loseAnswer) return 'destroy';
    entry.status = answer.status;
    return answer;
  }

  private answerTo(target: Target, incoming: Incoming): Answer {
    try {
      return this.dispatch(target, incoming);
    } catch (error) {
      if (error instanceof ApiError) return error.answer();
      if (error instanceof URIError) return badRequest('Invalid path.').answer();
      throw error;
    }
  }

  private dispatch({ operation, route }: Target, incoming: Incoming): Answer {
    if (route) return this.calendars.answer(route, incoming);
    switch (operation) {
      case 'auth':
        return this.authorization.answer(incoming);
      case 'token':
        return this.tokens.token(incoming);
      case 'revoke':
        return this.tokens.revoke(incoming);
      case 'tokeninfo':
        return this.tokens.tokenInfo(incoming);
      case 'certs':
        return this.tokens.certificates();
      case 'page':
        return this.pages.answer(incoming);
      default:
        throw notFound();
    }
  }
}

function withoutId(incoming: Incoming): Incoming {
  const { id: _, ...body } = jsonOf(incoming) as Record<string, unknown>;
  return { ...incoming, text: JSON.stringify(body) };
}
