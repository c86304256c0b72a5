import { Global, Module } from '@nestjs/common';
import { EarlyGuards } from './early-guards.js';
import { Draining } from './draining.js';
import { SpokenFailures } from './spoken-failures.js';

@Global()
@Module({
  providers: [Draining, EarlyGuards, SpokenFailures],
  exports: [Draining, EarlyGuards, SpokenFailures],
})
export class HttpModule {}
