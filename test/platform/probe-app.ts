import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import type { FastifyRequest } from 'fastify';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Settings } from '../../src/platform/config/settings.js';
import { SettingsModule } from '../../src/platform/config/settings.module.js';
import { configureServer } from '../../src/platform/http/configure-server.js';
import { DomainError } from '../../src/platform/errors/domain-error.js';
import { type Admission, EarlyGuards } from '../../src/platform/http/early-guards.js';
import { fastifyAdapter } from '../../src/platform/http/fastify-adapter.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { TakesAnyBody } from '../../src/platform/http/json-body.js';
import { RateLimited } from '../../src/platform/http/rate-limits.js';
import { createLog } from '../../src/platform/logging/log.js';
import { testSettings } from '../support/test-settings.js';

class Interval {
  @IsString()
  @Length(5, 5)
  start!: string;

  @IsString()
  @Length(5, 5)
  end!: string;
}

class Probe {
  @IsString()
  @Length(1, 20)
  name!: string;

  @IsOptional()
  @IsEmail()
  email?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => Interval)
  weekly?: Interval[];

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  tags?: string[];
}

class ProbeQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  @IsOptional()
  @IsString()
  name?: string;
}

/** What a handler throws next; the tests set it. */
export const probe: { failure: () => unknown } = { failure: () => undefined };

@Controller('probe')
class ProbeController {
  @Post()
  create(@Body() body: Probe): Probe {
    return body;
  }

  @Get()
  list(@Query() query: ProbeQuery): ProbeQuery {
    return query;
  }

  @Get('failure')
  async fail(): Promise<unknown> {
    return probe.failure();
  }

  /** Everybody may ask, whatever they show. */
  @Get('public')
  open(): string {
    return 'fine';
  }

  @Get('tight')
  @RateLimited({ perMinute: 3 })
  tight(): string {
    return 'fine';
  }

  @Get('roomy')
  @TakesAnyBody()
  @RateLimited({ perMinute: 1000 })
  roomy(): string {
    return 'fine';
  }

  @Get(':id')
  get(@Param('id') id: string): { id: string } {
    return { id };
  }
}

@Controller('api/voice/:platform/:connectionId')
class ProbeConnectionController {
  @Get()
  async hear(@Req() request: FastifyRequest): Promise<unknown> {
    const heard = await probe.failure();
    // As where the signature was found to be right.
    request.admitted = true;
    return heard;
  }
}

/** Believes every credential that does not say that it is wrong, and leaves what shows none to the handlers. */
function admit(request: FastifyRequest): Admission {
  const { authorization, 'x-api-key': secret } = request.headers;
  if (request.url === '/probe/public') return { kind: 'open' };
  const shown = authorization ?? (typeof secret === 'string' ? secret : undefined);
  if (shown === undefined) return { kind: 'open' };
  if (/guess|wrong/.test(shown)) throw new DomainError('unauthenticated', 'It is wrong.');
  return { kind: 'admitted', principal: shown.replace(/^bearer /i, '') };
}

/** The platform around a controller that does as the test says, without a database. */
export async function startProbeApp(changes: Partial<Settings> = {}): Promise<NestFastifyApplication> {
  const settings = testSettings(
    { serviceUrl: 'postgres://nobody@127.0.0.1:1/none' },
    'http://127.0.0.1:1',
    changes,
  );
  const module = await Test.createTestingModule({
    imports: [SettingsModule.of(settings), HttpModule],
    controllers: [ProbeController, ProbeConnectionController],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(settings), {
    bodyParser: false,
    rawBody: true,
    logger: false,
  });
  app.get(EarlyGuards).register({ admit: (_context, request) => admit(request) });
  await configureServer(app, settings, createLog(settings));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
