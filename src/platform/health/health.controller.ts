import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DomainError } from '../errors/domain-error.js';
import { Public } from '../http/public.decorator.js';
import { clock } from '../time/clock.js';
import { clockAnswer, LiveAnswer, ReadyAnswer } from './health.dto.js';
import { Readiness } from './readiness.js';

@ApiTags('operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Is the process alive?',
    description: 'Answers as long as the process does, whatever else is wrong. Restart it when this fails.',
  })
  @ApiOkResponse({ type: LiveAnswer })
  live(): LiveAnswer {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Can it take requests?',
    description:
      'The database answers and takes writes, all migrations are applied and jobs are taken. 503 otherwise and from the ' +
      'first moment of a shutdown, with `checks` saying which. The answer is at most some seconds old, and waits for no ' +
      'lock and no other request. Google is not part of it: bookings go on without. Nor is the clock of this machine, because ' +
      'the database’s is used: `clock` says when it should be set.',
  })
  @ApiOkResponse({ type: ReadyAnswer })
  async ready(): Promise<ReadyAnswer> {
    const { ready, shuttingDown, checks } = await this.readiness.check();
    const clockState = clockAnswer(clock.offsetMs);
    if (ready) return { status: 'ready', checks, clock: clockState };
    const detail = shuttingDown ? 'This instance is shutting down.' : 'This instance is not ready.';
    throw new DomainError('unavailable', detail, {
      retryAfterSeconds: 1,
      extensions: { checks, clock: clockState },
    });
  }
}
