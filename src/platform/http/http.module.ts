import { Global, Module } from '@nestjs/common';
import { Draining } from './draining.js';
import { SpokenFailures } from './spoken-failures.js';

@Global()
@Module({ providers: [Draining, SpokenFailures], exports: [Draining, SpokenFailures] })
export class HttpModule {}
