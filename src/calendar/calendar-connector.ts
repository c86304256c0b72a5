import { Injectable, Logger } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../platform/config/secret.js';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider } from './calendar-provider.js';
import { CalendarStore, type NewConnection } from './calendar-store.js';
import { ConnectFailure, type ConnectFailureReason } from './connect-failure.js';
import { GrantRevoker } from './grant-revoker.js';
import { type ConnectingBrowser, hashOfBrowser, isBrowser, newBrowserId } from './connecting-browser.js';
import { newOAuthState, tenantOfState } from './oauth-state.js';
import { type BegunConsent, OAuthStateRepository, type StoredConsent } from './oauth-state.repository.js';
import { NEEDED_SCOPES, OAuthProvider, type OAuthAccount, type OAuthGrant } from './oauth-provider.js';
import { packedGrant, unpackedGrant } from './pending-grant.js';
import { checkedReturnTo } from './return-address.js';
import { TenantService } from '../tenant/tenant.service.js';
import { TokenCipherError } from '../platform/encryption/token-cipher.js';

/** What nobody has said yes to is given back to Google after this long: a little longer than the question stands. */
const UNANSWERED_MS = 15 * 60_000;

/** What Google sends the owner's browser back with. */
export interface CallbackParameters {
  state?: string;
  code?: string;
  error?: string;
}

/** Whom the owner is asked about: "Connect owner@… to Acme Dental?" */
export interface ConnectQuestion {
  email: string;
  organisation: string;
  state: string;
}

export interface ConnectResult {
  outcome: { email: string } | { question: ConnectQuestion } | ConnectFailure;
  /** Where the dashboard wants its user back; null when it did not say. */
  returnTo: string | null;
  /** With which state the owner may try again; null where only the dashboard can begin anew. */
  retryState: string | null;
}

/** Where a browser that opened the start address goes on, and the id that it has from now on. */
export interface StartedConsent {
  location: string;
  /** Null where it keeps the one that it has. */
  newBrowserId: string | null;
}

/** A consent that a request is about. */
interface Known {
  tenant: TenantId;
  state: string;
  consent: StoredConsent;
}

/**
 * An owner lets us into a Google account: from the start address, which binds the consent to one browser, over Google's pages
 * and our own question, to the stored connection.
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.7
 */
@Injectable()
export class CalendarConnector {
  readonly #logger = new Logger(CalendarConnector.name);

  constructor(
    private readonly oauth: OAuthProvider,
    private readonly states: OAuthStateRepository,
    private readonly provider: CalendarProvider,
    private readonly store: CalendarStore,
    private readonly revoker: GrantRevoker,
    private readonly database: Database,
    private readonly tenants: TenantService,
    private readonly settings: Settings,
  ) {}

  /**
   * @param options `addsAccount`: beside those there are, instead of in their place
   * @returns the start address. It has the parameters that Google's has, for those who look at them; only `state` counts
   * @throws DomainError `invalid_input` when `returnTo` is not an address of the dashboard
   */
  async begin(
    tenant: TenantId,
    { returnTo, addsAccount = false }: { returnTo?: string; addsAccount?: boolean } = {},
  ): Promise<{ authUrl: string }> {
    const address = returnTo === undefined ? null : checkedReturnTo(returnTo, this.settings.dashboardOrigins);
    const consent = { returnTo: address, addsAccount, browserHash: null };
    const atGoogle = new URL(await this.#begin(tenant, consent));
    // Beside the callback, so that the cookie comes back to it.
    const start = new URL('start', this.settings.google.redirectUri);
    start.search = atGoogle.search;
    return { authUrl: start.href };
  }

  /**
   * Binds a consent to a browser and sends it on to Google. After a refusal the same address begins anew, in the same browser.
   * @throws ConnectFailure
   */
  async start(state: string | undefined, browser: ConnectingBrowser): Promise<StartedConsent> {
    const known = await this.#find(state);
    const { tenant, consent } = known;
    if (consent.step === 'begun' && !consent.hasExpired) {
      const id = browser.id ?? newBrowserId();
      await this.states.bind(tenant, known.state, hashOfBrowser(id));
      return { location: this.#addressAtGoogle(known.state, consent), newBrowserId: id };
    }
    if (!isBrowser(browser, consent.browserHash)) {
      throw new ConnectFailure(consent.hasExpired ? 'expired_state' : 'invalid_state');
    }
    if (consent.step === 'connected' || (consent.step === 'asked' && !consent.hasExpired)) {
      const back = new URL(this.settings.google.redirectUri);
      back.searchParams.set('state', known.state);
      return { location: back.href, newBrowserId: null };
    }
    const { returnTo, addsAccount, browserHash } = consent;
    return {
      location: await this.#begin(tenant, { returnTo, addsAccount, browserHash }),
      newBrowserId: null,
    };
  }

  /** Never throws: whatever happened, there is a person in front of a browser who has to be told. */
  async finish(parameters: CallbackParameters, browser: ConnectingBrowser): Promise<ConnectResult> {
    return this.#tell(parameters.state, browser, async (known) => {
      const { tenant, state, consent } = known;
      if (consent.step === 'connected') return { email: emailIn(consent) };
      if (consent.hasExpired) throw new ConnectFailure('expired_state');
      if (consent.step === 'asked') return this.#question(known, emailIn(consent));
      if (!(await this.states.take(tenant, state, 'begun'))) throw new ConnectFailure('invalid_state');
      return this.#settling(known, () => this.#ask(known, parameters));
    });
  }

  /** The owner's answer to the question. Never throws, as `finish`. */
  async answer(
    { state, agrees }: { state: string | undefined; agrees: boolean },
    browser: ConnectingBrowser,
  ): Promise<ConnectResult> {
    return this.#tell(state, browser, async (known) => {
      const { tenant, consent } = known;
      if (consent.step === 'connected') return { email: emailIn(consent) };
      if (consent.hasExpired) throw new ConnectFailure('expired_state');
      const isTheirs = consent.kept !== null && (await this.states.take(tenant, known.state, 'asked'));
      if (consent.kept === null || !isTheirs) throw new ConnectFailure('invalid_state');
      const grant = unpackedGrant(consent.kept);
      return this.#settling(known, async () => {
        try {
          if (!agrees) throw new ConnectFailure('declined');
          return await this.#connect(known, grant);
        } catch (failure) {
          await this.#giveBack(tenant, grant.account, grant.tokens);
          throw failure;
        }
      });
    });
  }

  async #begin(tenant: TenantId, consent: Omit<BegunConsent, 'codeVerifier'>): Promise<string> {
    const state = newOAuthState(tenant);
    const codeVerifier = new Secret(randomBytes(32).toString('base64url'));
    await this.states.save(tenant, state, { ...consent, codeVerifier });
    return this.#addressAtGoogle(state, { codeVerifier });
  }

  #addressAtGoogle(state: string, { codeVerifier }: Pick<BegunConsent, 'codeVerifier'>): string {
    const codeChallenge = createHash('sha256').update(codeVerifier.reveal()).digest('base64url');
    return this.oauth.authUrl({ state, codeChallenge });
  }

  /** @throws ConnectFailure `invalid_state` */
  async #find(state: string | undefined): Promise<Known> {
    const tenant = state === undefined ? null : tenantOfState(state);
    const consent =
      state === undefined || tenant === null ? null : await this.states.find(tenant, state).catch(asUnknown);
    if (state === undefined || tenant === null || consent === null) throw new ConnectFailure('invalid_state');
    return { tenant, state, consent };
  }

  async #tell(
    state: string | undefined,
    browser: ConnectingBrowser,
    outcomeFor: (known: Known) => Promise<ConnectResult['outcome']>,
  ): Promise<ConnectResult> {
    let returnTo: string | null = null;
    let retryState: string | null = null;
    try {
      const known = await this.#find(state);
      if (!isBrowser(browser, known.consent.browserHash)) throw new ConnectFailure('other_browser');
      returnTo = known.consent.returnTo;
      retryState = known.state;
      return { outcome: await outcomeFor(known), returnTo, retryState };
    } catch (error) {
      return { outcome: this.#failureFor(error), returnTo, retryState };
    }
  }

  /** A step that was taken does not stay open, whatever comes of it. */
  async #settling<Outcome>({ tenant, state }: Known, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (failure) {
      await this.database
        .inTenant(tenant, (sql) => this.states.settle(sql, tenant, state, { step: 'failed' }))
        .catch((error: unknown) => {
          this.#logger.error({ tenant, error }, 'Failed to note that a calendar was not connected');
        });
      throw failure;
    }
  }

  /** Takes what Google grants, and keeps it until the owner has said whom it is for. */
  async #ask(known: Known, { code, error }: CallbackParameters): Promise<{ question: ConnectQuestion }> {
    const { tenant, state, consent } = known;
    if (error !== undefined || code === undefined) throw new ConnectFailure('access_denied');
    const deadline = Deadline.in(this.settings.calendarAttemptMs);
    const grant = await this.#exchange(code, consent.codeVerifier, deadline);
    const account = await this.#identify(grant, deadline);
    try {
      const connection = await this.#usable(account, grant, deadline);
      const token = connection.tokens.refreshToken;
      const asked = await this.#question(known, account.email);
      await this.database.inTenant(tenant, async (sql) => {
        await this.states.settle(sql, tenant, state, { step: 'asked', kept: packedGrant(connection) });
        await this.revoker.enqueue(sql, { tenant, accountSub: account.sub, token }, UNANSWERED_MS);
      });
      return asked;
    } catch (failure) {
      await this.#giveBack(tenant, account, grant);
      throw failure;
    }
  }

  async #question({ tenant, state }: Known, email: string): Promise<{ question: ConnectQuestion }> {
    const { name: organisation } = await this.tenants.recent(tenant);
    return { question: { email, organisation, state } };
  }

  async #exchange(code: string, codeVerifier: Secret, deadline: Deadline): Promise<OAuthGrant> {
    try {
      return await this.oauth.exchange(code, codeVerifier, deadline);
    } catch (error) {
      if (isCalendarError(error, 'grant_revoked')) throw new ConnectFailure(refusalOfCode(error.reason));
      throw error;
    }
  }

  async #identify({ idToken }: OAuthGrant, deadline: Deadline): Promise<OAuthAccount> {
    if (idToken === null) throw new ConnectFailure('identity_unverified');
    try {
      return await this.oauth.identify(idToken, deadline);
    } catch (error) {
      if (isCalendarError(error, 'forbidden')) throw new ConnectFailure('identity_unverified');
      throw error;
    }
  }

  async #usable(
    account: OAuthAccount,
    { refreshToken, scopes, ...issued }: OAuthGrant,
    deadline: Deadline,
  ): Promise<NewConnection> {
    const missing = Object.keys(NEEDED_SCOPES).filter((scope) => !scopes.includes(scope));
    if (missing.length > 0) throw new ConnectFailure('missing_scope', missing);
    if (refreshToken === null) throw new ConnectFailure('no_refresh_token');
    const primary = await this.provider.describePrimary(issued.accessToken, deadline);
    return { account, scopes, primary, tokens: { ...issued, refreshToken } };
  }

  async #connect({ tenant, state, consent }: Known, connection: NewConnection): Promise<{ email: string }> {
    const { addsAccount } = consent;
    await this.store.connect(tenant, connection, { addsAccount });
    this.#logger.log({ tenant }, 'A calendar was connected');
    const { email } = connection.account;
    const kept = new Secret(JSON.stringify({ account: { email } }));
    await this.database
      .inTenant(tenant, (sql) => this.states.settle(sql, tenant, state, { step: 'connected', kept }))
      .catch((error: unknown) => {
        this.#logger.error({ tenant, error }, 'Failed to note that a calendar was connected');
      });
    return { email };
  }

  /** What was granted but cannot be used is not kept, neither here nor at Google. */
  async #giveBack(
    tenant: TenantId,
    { sub }: Pick<OAuthAccount, 'sub'>,
    { refreshToken, accessToken }: Pick<OAuthGrant, 'refreshToken' | 'accessToken'>,
  ): Promise<void> {
    const grant = { tenant, accountSub: sub, token: refreshToken ?? accessToken };
    try {
      if (await this.revoker.tryNow(grant, Deadline.in(this.settings.calendarBudgetMs))) return;
      await this.database.inTenant(tenant, (sql) => this.revoker.enqueue(sql, grant));
    } catch (error) {
      this.#logger.error({ tenant, error }, 'A grant that is of no use could not be given back');
    }
  }

  #failureFor(error: unknown): ConnectFailure {
    if (error instanceof ConnectFailure) return error;
    this.#logger.error({ error }, 'A calendar could not be connected');
    if (!isCalendarError(error) || error.kind === 'misconfigured')
      return new ConnectFailure('service_unavailable');
    const isRefused = ['forbidden', 'forbidden_scope', 'calendar_gone', 'not_found', 'invalid'].includes(
      error.kind,
    );
    return new ConnectFailure(isRefused ? 'calendar_refused' : 'google_unavailable');
  }
}

/** A code is bad in itself, or Google (often by a rule of the account's administrator) does not let the account in. */
function refusalOfCode(reason: string | undefined): ConnectFailureReason {
  if (reason === 'access_denied') return 'access_denied';
  return reason === undefined || reason.startsWith('invalid_') ? 'code_rejected' : 'calendar_refused';
}

/** Made under a key that is no longer in the settings, it can neither be finished nor tried again. */
function asUnknown(error: unknown): null {
  if (error instanceof TokenCipherError) return null;
  throw error;
}

/** Of one with the step `asked` or `connected`. */
function emailIn({ kept }: StoredConsent): string {
  return (JSON.parse(kept?.reveal() ?? '{}') as { account: { email: string } }).account.email;
}
