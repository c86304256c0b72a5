import { Injectable } from '@nestjs/common';
import { Secret } from '../platform/config/secret.js';
import { Database, type SqlTransaction } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { hashOfState } from './oauth-state.js';
import { TokenCipher } from '../platform/encryption/token-cipher.js';

/** How long an owner has for Google's consent pages, and then for our question. */
const LIFETIME_MINUTES = 10;

/**
 * How far a consent has come. `begun`: the owner is being asked by Google. `under_way`: an answer is being dealt with, once.
 * `asked`: the owner is being asked by us. The others are ends.
 */
export type ConsentStep = 'begun' | 'under_way' | 'asked' | 'connected' | 'failed';

export interface BegunConsent {
  codeVerifier: Secret;
  returnTo: string | null;
  /** Whether the account comes beside those there are, or takes their place. */
  addsAccount: boolean;
  /** Of the browser's cookie; null until a browser has opened the start address. */
  browserHash: Buffer | null;
}

export interface StoredConsent extends BegunConsent {
  step: ConsentStep;
  hasExpired: boolean;
  /** With `asked`: what Google granted. With `connected`: whose account it is. */
  kept: Secret | null;
}

/** Consents under way (`oauth_state`). */
@Injectable()
export class OAuthStateRepository {
  constructor(
    private readonly database: Database,
    private readonly cipher: TokenCipher,
  ) {}

  /** Also clears away the tenant's consents that are long over. */
  async save(
    tenant: TenantId,
    state: string,
    { codeVerifier, returnTo, addsAccount, browserHash }: BegunConsent,
  ): Promise<void> {
    const hash = hashOfState(state);
    await this.database.inTenant(tenant, async (sql) => {
      // For a while, a late owner hears that it expired, and one who reloads the page that all is done.
      await sql.query(
        `DELETE FROM oauth_state WHERE tenant_id = $1 AND expires_at < now() - interval '1 hour'`,
        [tenant],
      );
      await sql.query(
        `INSERT INTO oauth_state (tenant_id, state_hash, code_verifier, return_to, adds_account, browser_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7::int * interval '1 minute')`,
        [
          ...[tenant, hash, this.cipher.encrypt(codeVerifier, placeOf(tenant, hash, 'code_verifier'))],
          ...[returnTo, addsAccount, browserHash, LIFETIME_MINUTES],
        ],
      );
    });
  }

  /**
   * @returns null when it was never given out, or is long over
   * @throws TokenCipherError when it was made under a key that is no longer in the settings
   */
  async find(tenant: TenantId, state: string): Promise<StoredConsent | null> {
    const hash = hashOfState(state);
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<Omit<StoredConsent, 'codeVerifier' | 'kept'> & { codeVerifier: string; kept: string | null }>(
        `SELECT code_verifier AS "codeVerifier", return_to AS "returnTo", adds_account AS "addsAccount",
           browser_hash AS "browserHash", step, kept, expires_at <= now() AS "hasExpired"
         FROM oauth_state WHERE tenant_id = $1 AND state_hash = $2`,
        [tenant, hash],
      ),
    );
    if (row === undefined) return null;
    return {
      ...row,
      codeVerifier: this.cipher.decrypt(row.codeVerifier, placeOf(tenant, hash, 'code_verifier')),
      kept: row.kept === null ? null : this.cipher.decrypt(row.kept, placeOf(tenant, hash, 'kept')),
    };
  }

  /** Binds it to a browser: the one that opened the start address last. */
  async bind(tenant: TenantId, state: string, browserHash: Buffer): Promise<void> {
    await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE oauth_state SET browser_hash = $3 WHERE tenant_id = $1 AND state_hash = $2 AND step = 'begun'`,
        [tenant, hashOfState(state), browserHash],
      ),
    );
  }

  /** Of two who take a step at once, one gets it. It cannot be taken again from there. */
  async take(tenant: TenantId, state: string, from: 'begun' | 'asked'): Promise<boolean> {
    const taken = await this.database.inTenant(tenant, (sql) =>
      sql.query(
        `UPDATE oauth_state SET step = 'under_way', kept = NULL
         WHERE tenant_id = $1 AND state_hash = $2 AND step = $3 AND expires_at > now() RETURNING 1`,
        [tenant, hashOfState(state), from],
      ),
    );
    return taken.length === 1;
  }

  /** Says how far a consent that was taken has come. A question has its own time to be answered. */
  async settle(
    sql: SqlTransaction,
    tenant: TenantId,
    state: string,
    { step, kept = null }: { step: 'asked' | 'connected' | 'failed'; kept?: Secret | null },
  ): Promise<void> {
    const hash = hashOfState(state);
    await sql.query(
      `UPDATE oauth_state SET step = $3, kept = $4, expires_at = greatest(expires_at,
         CASE WHEN $3 = 'asked' THEN now() + $5::int * interval '1 minute' ELSE expires_at END)
       WHERE tenant_id = $1 AND state_hash = $2`,
      [
        ...[tenant, hash, step],
        kept === null ? null : this.cipher.encrypt(kept, placeOf(tenant, hash, 'kept')),
        LIFETIME_MINUTES,
      ],
    );
  }
}

function placeOf(tenant: TenantId, hash: Buffer, field: 'code_verifier' | 'kept') {
  return { tenant, connection: hash.toString('base64url'), field };
}
