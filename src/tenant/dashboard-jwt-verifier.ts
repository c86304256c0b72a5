import { Injectable, Logger } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyResult } from 'jose';
import { Settings, type DashboardJwtSettings } from '../platform/config/settings.js';
import { asTenantId, isUuid, type TenantId } from '../platform/database/tenant-id.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { clock } from '../platform/time/clock.js';

/** `header.payload.signature`, each in base64url; a JWT that dashboards have needs no more than this. */
const FORM = /^[\w-]{1,2048}\.[\w-]{1,8192}\.[\w-]{1,2048}$/;

/**
 * Which algorithms a key may be used with is decided here and never by the token: a shared secret verifies HS256 only, published keys
 * verify signatures only, `none` is in neither (RFC 8725, section 3.1).
 */
const SIGNATURES = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const CLOCK_TOLERANCE_SECONDS = 5;

interface DashboardClaims {
  tenant: TenantId;
  /** The user of the dashboard, for the record. */
  subject: string | null;
}

/** Verifies dashboards' JWTs with `DASHBOARD_JWT_SECRET` (its UTF-8 bytes) or the keys at `DASHBOARD_JWT_JWKS_URL`. */
@Injectable()
export class DashboardJwtVerifier {
  readonly #logger = new Logger(DashboardJwtVerifier.name);
  readonly #verify: ((token: string) => Promise<JWTVerifyResult>) | null;

  constructor({ dashboardJwt }: Settings) {
    this.#verify = dashboardJwt && verification(dashboardJwt);
  }

  /**
   * @returns the claims; null when `token` is no JWT or not a good one, or when no dashboard's JWTs are accepted
   * @throws DomainError `unavailable` when the keys cannot be fetched: the token may well be good, and telling a dashboard
   *   otherwise would sign its users out
   */
  async verify(token: string): Promise<DashboardClaims | null> {
    if (this.#verify === null || !FORM.test(token)) return null;
    try {
      const { payload } = await this.#verify(token);
      const tenant = payload['tenant_id'];
      return isUuid(tenant) ? { tenant: asTenantId(tenant), subject: payload.sub ?? null } : null;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      // Anything that is not jose's own refusal is a key that cannot be used: the operator should know.
      if (!(error instanceof errors.JOSEError))
        this.#logger.warn({ error }, 'A dashboard JWT could not be verified');
      return null;
    }
  }
}

function verification({ secret, jwksUrl, issuer, audience }: DashboardJwtSettings) {
  const rules = {
    issuer,
    audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'tenant_id'],
  };
  if (jwksUrl !== null) {
    const keys = publishedKeys(new URL(jwksUrl));
    return (token: string) =>
      jwtVerify(token, keys, { ...rules, algorithms: SIGNATURES, currentDate: clock.date() });
  }
  const key = new TextEncoder().encode(secret?.reveal());
  return (token: string) =>
    jwtVerify(token, key, { ...rules, algorithms: ['HS256'], currentDate: clock.date() });
}

/** Keys are kept for ten minutes; an unknown key id fetches them again, at most every thirty seconds. */
function publishedKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 3_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      throw new DomainError(
        'unavailable',
        'The keys that verify the dashboard’s token cannot be fetched at the moment.',
        {
          retryAfterSeconds: 5,
        },
      );
    }
  };
}

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;
