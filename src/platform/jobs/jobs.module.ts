import { Global, Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { JobDatabase } from './job-database.js';
import { JobQueue } from './job-queue.js';

/** Imports the database so that it is shut down after the queue: jobs in hand still need it. */
@Global()
@Module({ imports: [DatabaseModule], providers: [JobDatabase, JobQueue], exports: [JobQueue] })
export class JobsModule {}
