import { Global, Module } from '@nestjs/common';
import { ClockWatch } from './clock-watch.js';
import { Database } from './database.js';

@Global()
@Module({ providers: [Database, ClockWatch], exports: [Database] })
export class DatabaseModule {}
