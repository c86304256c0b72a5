import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../http/public.decorator.js';
import { Metrics } from './metrics.js';
import { OperatorGuard } from './operator.guard.js';

const EXAMPLE = `# HELP db_pool_connections Database connections of this instance
# TYPE db_pool_connections gauge
db_pool_connections{pool="transactions",state="idle"} 3
`;

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  // Public as far as tenants' credentials go: the operator's guard is its own.
  @Public()
  @UseGuards(OperatorGuard)
  @Get()
  @ApiBearerAuth('admin-key')
  @ApiOperation({
    summary: 'The numbers of this instance, for Prometheus',
    description: 'For the holder of the admin key, and without a key for a scraper on the same machine.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLE } } })
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text());
  }
}
