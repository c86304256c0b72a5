import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { MetricsController } from './metrics.controller.js';
import { OperatorGuard } from './operator.guard.js';
import { ServiceMetrics } from './service-metrics.js';

@Global()
@Module({
  controllers: [MetricsController],
  providers: [Metrics, ServiceMetrics, OperatorGuard],
  exports: [Metrics],
})
export class MetricsModule {}
