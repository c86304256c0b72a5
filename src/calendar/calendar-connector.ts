import { Injectable, Logger } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../platform/config/secret.js';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { Deadline } from '../platform/deadline.js';
import { isCalendarError } from './calendar-error.js';
import { CalendarProvider } from './calendar-provider.js';
import { CalendarStore } from './calendar-store.js';
import { ConnectFailure, type ConnectFailureReason } from './connect-failure.js';
import { GrantRevoker } from './grant-revoker.js';
import { newOAuthState, tenantOfState } from './oauth-state.js';
import { OAuthStateRepository, type PendingConsent } from './oauth-state.repository.js';
import { NEEDED_SCOPES, OAuthProvider, type OAuthAccount, type OAuthGrant } from './oauth-provider.js';
import { checkedReturnTo } from './return-address.js';
import { TokenCipherError } from '../platform/encryption/token-cipher.js';

/** What Google sends the owner's browser back with. */
export interface CallbackParameters {
  state?: string;
  code?: string;
  error?: string;
}

export interface ConnectResult {
  outcome: { email: string } | ConnectFailure;
  /** Where the dashboard wants its user back; null when it did not say. */
  returnTo: string | null;
}

/** An owner lets us into a Google account, from the address of the consent page to the stored connection. */
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
    private readonly settings: Settings,
  ) {}

  /**
   * @param options `addsAccount`: beside those there are, instead of in their place
   * @throws DomainError `invalid_input` when `returnTo` is not an address of the dashboard
   */
  async begin(
    tenant: TenantId,
    { returnTo, addsAccount = false }: { returnTo?: string; addsAccount?: boolean } = {},
  ): Promise<{ authUrl: string }> {
    const address = returnTo === undefined ? null : checkedReturnTo(returnTo, this.settings.dashboardOrigins);
    const state = newOAuthState(tenant);
    const codeVerifier = new Secret(randomBytes(32).toString('base64url'));
    await this.states.save(tenant, state, { codeVerifier, returnTo: address, addsAccount });
    const codeChallenge = createHash('sha256').update(codeVerifier.reveal()).digest('base64url');
    return { authUrl: this.oauth.authUrl({ state, codeChallenge }) };
  }

  /** Never throws: whatever happened, there is a person in front of a browser who has to be told. */
  async finish(parameters: CallbackParameters): Promise<ConnectResult> {
    let returnTo: string | null = null;
    try {
      const { tenant, consent } = await this.#take(parameters.state);
      returnTo = consent.returnTo;
      if (consent.hasExpired) throw new ConnectFailure('expired_state');
      return { outcome: await this.#connect(tenant, consent, parameters), returnTo };
    } catch (error) {
      return { outcome: this.#failureFor(error), returnTo };
    }
  }

  async #take(state: string | undefined): Promise<{ tenant: TenantId; consent: PendingConsent }> {
    const tenant = state === undefined ? null : tenantOfState(state);
    if (state === undefined || tenant === null) throw new ConnectFailure('invalid_state');
    const consent = await this.states.take(tenant, state);
    if (consent === null) throw new ConnectFailure('invalid_state');
    return { tenant, consent };
  }

  async #connect(
    tenant: TenantId,
    { codeVerifier, addsAccount }: PendingConsent,
    { code, error }: CallbackParameters,
  ): Promise<{ email: string }> {
    if (error !== undefined || code === undefined) throw new ConnectFailure('access_denied');
    const deadline = Deadline.in(this.settings.calendarAttemptMs);
    const grant = await this.#exchange(code, codeVerifier, deadline);
    const account = await this.#identify(grant, deadline);
    try {
      return await this.#store(tenant, account, grant, { addsAccount }, deadline);
    } catch (failure) {
      await this.#giveBack(tenant, account, grant);
      throw failure;
    }
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

  async #store(
    tenant: TenantId,
    account: OAuthAccount,
    { refreshToken, scopes, ...issued }: OAuthGrant,
    options: { addsAccount: boolean },
    deadline: Deadline,
  ): Promise<{ email: string }> {
    const missing = Object.keys(NEEDED_SCOPES).filter((scope) => !scopes.includes(scope));
    if (missing.length > 0) throw new ConnectFailure('missing_scope', missing);
    if (refreshToken === null) throw new ConnectFailure('no_refresh_token');
    const primary = await this.provider.describePrimary(issued.accessToken, deadline);
    const tokens = { ...issued, refreshToken };
    await this.store.connect(tenant, { account, scopes, primary, tokens }, options);
    this.#logger.log({ tenant }, 'A calendar was connected');
    return { email: account.email };
  }

  /** What was granted but cannot be used is not kept, neither here nor at Google. */
  async #giveBack(
    tenant: TenantId,
    { sub }: OAuthAccount,
    { refreshToken, accessToken }: OAuthGrant,
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
    if (error instanceof TokenCipherError) return new ConnectFailure('invalid_state');
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
