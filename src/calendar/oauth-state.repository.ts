import { Injectable } from '@nestjs/common';
import type { Secret } from '../platform/config/secret.js';
import { Database } from '../platform/database/database.js';
import type { TenantId } from '../platform/database/tenant-id.js';
import { hashOfState } from './oauth-state.js';
import { TokenCipher } from '../platform/encryption/token-cipher.js';

/** How long an owner has for Google's consent pages. */
const LIFETIME_MINUTES = 10;

export interface PendingConsent {
  codeVerifier: Secret;
  returnTo: string | null;
  /** Whether the account comes beside those there are, or takes their place. */
  addsAccount: boolean;
  hasExpired: boolean;
}

/** Consents under way (`oauth_state`): each can be taken once. */
@Injectable()
export class OAuthStateRepository {
  constructor(
    private readonly database: Database,
    private readonly cipher: TokenCipher,
  ) {}

  /** Also clears away the tenant's consents that nobody finished. */
  async save(
    tenant: TenantId,
    state: string,
    { codeVerifier, returnTo, addsAccount }: Omit<PendingConsent, 'hasExpired'>,
  ): Promise<void> {
    const hash = hashOfState(state);
    await this.database.inTenant(tenant, async (sql) => {
      // An expired one is kept for a while, so that a late owner hears that it expired.
      await sql.query(
        `DELETE FROM oauth_state WHERE tenant_id = $1 AND expires_at < now() - interval '1 hour'`,
        [tenant],
      );
      await sql.query(
        `INSERT INTO oauth_state (tenant_id, state_hash, code_verifier, return_to, adds_account, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + $6::int * interval '1 minute')`,
        [
          tenant,
          hash,
          this.cipher.encrypt(codeVerifier, placeOf(tenant, hash)),
          returnTo,
          addsAccount,
          LIFETIME_MINUTES,
        ],
      );
    });
  }

  /**
   * Takes it: of two who come with the same state, one gets it.
   * @returns null when it was never given out, or was taken before
   * @throws TokenCipherError when it was made under a key that is no longer in the settings
   */
  async take(tenant: TenantId, state: string): Promise<PendingConsent | null> {
    const hash = hashOfState(state);
    const [row] = await this.database.inTenant(tenant, (sql) =>
      sql.query<Omit<PendingConsent, 'codeVerifier'> & { codeVerifier: string }>(
        `DELETE FROM oauth_state WHERE tenant_id = $1 AND state_hash = $2
         RETURNING code_verifier AS "codeVerifier", return_to AS "returnTo", adds_account AS "addsAccount",
           expires_at <= now() AS "hasExpired"`,
        [tenant, hash],
      ),
    );
    if (row === undefined) return null;
    return { ...row, codeVerifier: this.cipher.decrypt(row.codeVerifier, placeOf(tenant, hash)) };
  }
}

function placeOf(tenant: TenantId, hash: Buffer) {
  return { tenant, connection: hash.toString('base64url'), field: 'code_verifier' };
}
