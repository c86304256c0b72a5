import { Injectable } from '@nestjs/common';
import { BearerStrategy } from './bearer.strategy.js';
import type { Principal } from './caller.js';
import { DashboardJwtVerifier } from './dashboard-jwt-verifier.js';
import { TenantPresence } from './tenant-presence.js';

/** The JWT of a signed-in user of a dashboard, whose claim `tenant_id` names a tenant that exists. */
@Injectable()
export class DashboardJwtStrategy extends BearerStrategy {
  constructor(
    private readonly verifier: DashboardJwtVerifier,
    private readonly presence: TenantPresence,
  ) {
    super('dashboard-jwt');
  }

  override async validate(credential: string): Promise<Principal | null> {
    const claims = await this.verifier.verify(credential);
    if (claims === null || !(await this.presence.exists(claims.tenant))) return null;
    return {
      tenant: claims.tenant,
      scopes: ['dashboard'],
      credential: { kind: 'dashboard-jwt', subject: claims.subject },
    };
  }
}
