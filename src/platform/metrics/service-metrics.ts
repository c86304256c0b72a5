import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Database } from '../database/database.js';
import { JobQueue } from '../jobs/job-queue.js';
import { Metrics } from './metrics.js';

/** What every service shows: its requests, its database connections, its jobs. */
@Injectable()
export class ServiceMetrics {
  constructor(metrics: Metrics, database: Database, jobs: JobQueue, host: HttpAdapterHost) {
    const answered = metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request, by the route as it is declared',
      labels: ['method', 'route', 'status'],
    });
    const server = host.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onResponse', (request, reply, done) => {
      const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
      answered({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
      done();
    });
    metrics.gauge(
      {
        name: 'db_pool_connections',
        help: 'Database connections of this instance',
        labels: ['pool', 'state'],
      },
      () =>
        database.connections.flatMap(({ pool, ...counts }) =>
          Object.entries(counts).map(([state, count]): [{ pool: string; state: string }, number] => [
            { pool, state },
            count,
          ]),
        ),
    );
    metrics.gauge(
      {
        name: 'job_queue_waiting',
        help: 'Jobs whose time has come and that wait for a worker',
        labels: ['queue'],
      },
      async () => (await jobs.backlog()).queues.map(({ queue, waiting }) => [{ queue }, waiting]),
    );
    metrics.gauge(
      {
        name: 'job_queue_oldest_waiting_seconds',
        help: 'How long the first of them waits',
        labels: ['queue'],
      },
      async () => (await jobs.backlog()).queues.map(({ queue, oldestSeconds }) => [{ queue }, oldestSeconds]),
    );
    metrics.gauge(
      {
        name: 'job_queue_count_age_seconds',
        help: 'How long ago the waiting jobs were counted: more than some seconds while the database does not answer',
        labels: [],
      },
      async () => [[{}, (await jobs.backlog()).ageSeconds]],
    );
    metrics.gauge(
      {
        name: 'job_queue_fetch_age_seconds',
        help: 'How long ago this instance last fetched from the queue, or was at work on a job of it',
        labels: ['queue'],
      },
      () => jobs.fetchAges().map(({ queue, seconds }) => [{ queue }, seconds]),
    );
  }
}
