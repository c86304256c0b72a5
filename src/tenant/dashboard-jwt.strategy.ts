import { Injectable } from '@nestjs/common';
import { BearerStrategy } from './bearer.strategy.js';
import type { Principal } from './caller.js';
import { DashboardJwtVerifier } from './dashboard-jwt-verifier.js';
import { RecentTenants } from './recent-tenants.js';

/** The JWT of a signed-in user of a dashboard, whose claim `tenant_id` names a tenant that exists. */
@Injectable()
export class DashboardJwtStrategy extends BearerStrategy {
  constructor(
    private readonly verifier: DashboardJwtVerifier,
    private readonly recentTenants: RecentTenants,
  ) {
    super('dashboard-jwt');
  }

  override async validate(credential: string): Promise<Principal | null> {
    const claims = await this.verifier.verify(credential);
    if (claims === null || (await this.recentTenants.find(claims.tenant)) === null) return null;
    return {
      tenant: claims.tenant,
      scopes: ['dashboard'],
      credential: { kind: 'dashboard-jwt', subject: claims.subject },
    };
  }
}
