import { Controller, Get, Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { SettingsModule } from '../../src/platform/config/settings.module.js';
import type { Settings } from '../../src/platform/config/settings.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import type { TenantId } from '../../src/platform/database/tenant-id.js';
import { configureServer } from '../../src/platform/http/configure-server.js';
import { fastifyAdapter } from '../../src/platform/http/fastify-adapter.js';
import { EncryptionModule } from '../../src/platform/encryption/encryption.module.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { JobsModule } from '../../src/platform/jobs/jobs.module.js';
import { createLog } from '../../src/platform/logging/log.js';
import { requestContext } from '../../src/platform/logging/request-context.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { Authenticated, Public } from '../../src/tenant/authenticated.decorator.js';
import type { Caller } from '../../src/tenant/caller.js';
import { CurrentCaller, CurrentTenant } from '../../src/tenant/current-tenant.decorator.js';
import { TenantModule } from '../../src/tenant/tenant.module.js';
import { inject, type TestApp } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_KEY, testSettings } from '../support/test-settings.js';

/** Routes of every kind that a module above this one could have. */
@Controller('probe')
class ProbeController {
  @Get('dashboard')
  @Authenticated({ scopes: ['dashboard'] })
  dashboard(@CurrentCaller() caller: Caller): object {
    return caller;
  }

  @Get('agent')
  @Authenticated({ scopes: ['agent'] })
  agent(@CurrentTenant() tenant: TenantId): object {
    return { tenant, logged: requestContext.get().tenantId };
  }

  @Get('either')
  @Authenticated({ scopes: ['dashboard', 'agent'] })
  either(): object {
    return {};
  }

  @Get('public')
  @Public()
  open(): object {
    return {};
  }

  @Get('undeclared')
  undeclared(): object {
    return { secret: 'nobody may see this' };
  }

  @Get('public-asking-for-a-tenant')
  @Public()
  mistaken(@CurrentTenant() tenant: TenantId): object {
    return { tenant };
  }
}

/** What parts have to count, without the server's own numbers: there is no server yet when this is made. */
@Global()
@Module({ providers: [Metrics], exports: [Metrics] })
class MetricsAlone {}

/** The tenant module alone, behind everything that holds for every route. */
export interface TenantApp extends Pick<TestApp, 'app' | 'request' | 'close'> {
  database: TestDatabase;
}

/** @param shared another instance's database, to be two instances of one service; whoever made it drops it */
export async function startTenantApp(
  changes: Partial<Settings> = {},
  shared?: TestDatabase,
): Promise<TenantApp> {
  const database = shared ?? (await createTestDatabase());
  const settings = testSettings(database, 'http://google.invalid', changes);

  const module = await Test.createTestingModule({
    imports: [
      SettingsModule.of(settings),
      DatabaseModule,
      MetricsAlone,
      EncryptionModule,
      HttpModule,
      JobsModule,
      TenantModule,
    ],
    controllers: [ProbeController],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(settings), {
    bodyParser: false,
    logger: false,
  });
  await configureServer(app, settings, createLog(settings));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    database,
    request: (method, path, options) => inject(app, method, path, options),
    close: async () => {
      await app.close();
      if (shared === undefined) await database.drop();
    },
  };
}

type Asks = Pick<TestApp, 'request'>;

export async function makeTenant({ request }: Asks, name = 'Acme Dental'): Promise<string> {
  const { body } = await request<{ id: string }>('POST', '/api/admin/tenants', {
    key: ADMIN_KEY,
    body: { name, timezone: 'America/New_York' },
  });
  return body.id;
}

export interface MadeKey {
  id: string;
  key: string;
  prefix: string;
}

export async function makeKey(
  { request }: Asks,
  tenantId: string,
  scopes: string[] = ['dashboard', 'agent'],
): Promise<MadeKey> {
  const { body } = await request<MadeKey>('POST', `/api/admin/tenants/${tenantId}/api-keys`, {
    key: ADMIN_KEY,
    body: { name: 'test', scopes },
  });
  return body;
}
