import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AgentConnectionAuthenticator } from './agent-connection-authenticator.js';
import { AgentConnectionRepository } from './agent-connection.repository.js';
import { AgentConnectionStrategy } from './agent-connection.strategy.js';
import { AdminKeyStrategy } from './admin-key.strategy.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { AgentConnectionUsage, ApiKeyUsage } from './credential-usage.js';
import { ApiKeyController } from './api-key.controller.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyService } from './api-key.service.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { DashboardJwtVerifier } from './dashboard-jwt-verifier.js';
import { DashboardJwtStrategy } from './dashboard-jwt.strategy.js';
import { Purge } from './purge.js';
import { TenantLifecycle } from './tenant-lifecycle.js';
import { KnownConnections } from './known-connections.js';
import { RecentTenants } from './recent-tenants.js';
import { TenantController } from './tenant.controller.js';
import { TenantGuard } from './tenant.guard.js';
import { TenantRepository } from './tenant.repository.js';
import { TenantService } from './tenant.service.js';

/** Tenants, their credentials, and the guard that every route of the service is behind. */
@Module({
  controllers: [TenantController, ApiKeyController],
  providers: [
    TenantRepository,
    TenantService,
    Purge,
    RecentTenants,
    TenantLifecycle,
    ApiKeyRepository,
    ApiKeyService,
    ApiKeyAuthenticator,
    ApiKeyUsage,
    AgentConnectionRepository,
    KnownConnections,
    AgentConnectionUsage,
    AgentConnectionAuthenticator,
    AgentConnectionStrategy,
    AdminKeyStrategy,
    ApiKeyStrategy,
    DashboardJwtVerifier,
    DashboardJwtStrategy,
    { provide: APP_GUARD, useClass: TenantGuard },
  ],
  exports: [
    Purge,
    TenantService,
    TenantLifecycle,
    ApiKeyService,
    AgentConnectionRepository,
    AgentConnectionUsage,
    AgentConnectionAuthenticator,
    ApiKeyAuthenticator,
    KnownConnections,
  ],
})
export class TenantModule {}
