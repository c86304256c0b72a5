import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Secret } from '../platform/config/secret.js';
import { Settings } from '../platform/config/settings.js';
import { Database } from '../platform/database/database.js';
import { Deadline } from '../platform/deadline.js';
import { CalendarError, isCalendarError } from './calendar-error.js';
import type { ConnectionRef } from './calendar-provider.js';
import { ConnectionRepository } from './connection.repository.js';
import { OAuthProvider } from './oauth-provider.js';
import { TokenCipherError } from '../platform/encryption/token-cipher.js';
import { TokenRepository, type RefreshLease, type StoredTokens } from './token.repository.js';
import { clock } from '../platform/time/clock.js';

/** Tokens are refreshed this long before they expire, so that none expires under way. */
const EARLY_MS = 5 * 60_000;
/** A token that expires sooner than this may do so on its way. */
const LEAST_MS = 30_000;
/** How often an instance looks whether the one that refreshes is done. */
const POLL_MS = 60;
/** By how much a lease outlives the refresh it is for. */
const LEASE_MARGIN_MS = 2_000;

/** An access token that the provider should take; `version` tells it from others without reading it. */
export interface AccessToken {
  token: Secret;
  version: string;
}

/**
 * Access tokens of connections, refreshed before they expire: one refresh at a time for a connection, however many callers
 * (they share it) and instances (a lease in the database) ask for it. No database connection is held meanwhile.
 */
@Injectable()
export class AccessTokens {
  readonly #logger = new Logger(AccessTokens.name);
  readonly #finding = new Map<string, Promise<StoredTokens>>();
  readonly #refreshing = new Map<string, Promise<AccessToken>>();
  readonly #refreshMs: number;

  constructor(
    private readonly database: Database,
    private readonly tokens: TokenRepository,
    private readonly connections: ConnectionRepository,
    private readonly oauth: OAuthProvider,
    settings: Settings,
  ) {
    this.#refreshMs = settings.calendarAttemptMs;
  }

  /**
   * @param refused a token from here that the provider did not take: another one is wanted
   * @throws CalendarError `grant_revoked` when only the owner can help; the connection then says so
   */
  async for(
    connection: ConnectionRef,
    deadline: Deadline,
    { refused }: { refused?: AccessToken } = {},
  ): Promise<AccessToken> {
    const stored = await (refused === undefined ? this.#storedOnce(connection) : this.#stored(connection));
    const isUsable = stored.version !== refused?.version && expiresIn(stored) > LEAST_MS;
    if (isUsable && expiresIn(stored) > EARLY_MS) return asAccessToken(stored);
    const refreshing = this.#refresh(connection, stored);
    if (isUsable) {
      // Nobody waits for a refresh that is only early. When it fails there is time to try again.
      refreshing.catch((error: unknown) =>
        this.#logger.warn({ ...connection, error }, 'A token was not refreshed'),
      );
      return asAccessToken(stored);
    }
    const refreshed = await deadline.race(refreshing);
    if (refreshed === undefined) throw new CalendarError('timeout');
    return refreshed;
  }

  /** An answer that rests on many calendars of one account asks for its token many times at the same moment. */
  #storedOnce(connection: ConnectionRef): Promise<StoredTokens> {
    const key = `${connection.tenant} ${connection.connectionId}`;
    const running = this.#finding.get(key);
    if (running !== undefined) return running;
    const finding = this.#stored(connection).finally(() => this.#finding.delete(key));
    this.#finding.set(key, finding);
    return finding;
  }

  #refresh(connection: ConnectionRef, stored: StoredTokens): Promise<AccessToken> {
    const key = `${connection.tenant} ${connection.connectionId} ${stored.version}`;
    const running = this.#refreshing.get(key);
    if (running !== undefined) return running;
    const refreshing = this.#refreshOnce(connection, stored.version, Deadline.in(this.#refreshMs)).finally(
      () => this.#refreshing.delete(key),
    );
    this.#refreshing.set(key, refreshing);
    return refreshing;
  }

  /** Refreshes the token, or waits until another instance has. */
  async #refreshOnce(connection: ConnectionRef, version: string, deadline: Deadline): Promise<AccessToken> {
    while (deadline.remainingMs > 0) {
      const leaseMs = Math.ceil(deadline.remainingMs + LEASE_MARGIN_MS);
      const lease = await this.tokens.leaseRefresh(connection, version, leaseMs);
      if (lease !== null) return this.#refreshUnder(lease, connection, deadline);
      await sleep(POLL_MS);
      const stored = await this.#stored(connection);
      if (stored.version === version) continue;
      if (expiresIn(stored) > 0) return asAccessToken(stored);
      // The same token under another key.
      version = stored.version;
    }
    throw new CalendarError('timeout');
  }

  async #refreshUnder(
    lease: RefreshLease,
    connection: ConnectionRef,
    deadline: Deadline,
  ): Promise<AccessToken> {
    try {
      const issued = await this.oauth.refresh(lease.refreshToken, deadline);
      // Without the lease the tokens were replaced or deleted meanwhile: those count, not these.
      await this.tokens.saveRefreshed(connection, lease, issued);
      return asAccessToken(await this.#stored(connection));
    } catch (error) {
      if (isCalendarError(error, 'grant_revoked') && (await this.#isGrantGone(connection, lease, error)))
        throw error;
      await this.database.inTenant(connection.tenant, (sql) => this.tokens.endLease(sql, connection, lease));
      throw isCalendarError(error, 'grant_revoked') ? new CalendarError('unavailable') : error;
    }
  }

  /** Notes that the owner has to connect again, unless that has just happened. */
  async #isGrantGone(
    connection: ConnectionRef,
    lease: RefreshLease,
    { reconnectReason }: CalendarError,
  ): Promise<boolean> {
    const reason = reconnectReason ?? 'grant_revoked';
    return this.database.inTenant(connection.tenant, async (sql) => {
      if (!(await this.tokens.holdsLease(sql, connection, lease))) return false;
      await this.connections.needsReconnect(sql, connection, reason);
      await this.tokens.endLease(sql, connection, lease);
      this.#logger.warn({ ...connection, reason }, 'A calendar must be connected again');
      return true;
    });
  }

  async #stored(connection: ConnectionRef): Promise<StoredTokens> {
    try {
      const stored = await this.tokens.find(connection);
      if (stored !== null) return stored;
    } catch (error) {
      if (!(error instanceof TokenCipherError)) throw error;
      this.#logger.error({ ...connection, problem: error.problem }, 'A stored token cannot be opened');
      // The operator can put the key back, so this is not the end of the connection.
      throw new CalendarError('misconfigured', { reason: 'token_unreadable' });
    }
    throw new CalendarError('grant_revoked', { reason: 'disconnected' });
  }
}

function expiresIn({ accessExpiresAt }: StoredTokens): number {
  return accessExpiresAt.getTime() - clock.now();
}

function asAccessToken({ accessToken, version }: StoredTokens): AccessToken {
  return { token: accessToken, version };
}
