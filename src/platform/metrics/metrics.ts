import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricDefinition<Label extends string> {
  /** As Prometheus wants it: `calendar_event_writes_total`, `google_request_duration_seconds`. */
  name: string;
  help: string;
  /** Few and with few values each: never a tenant, an id or an address. */
  labels: readonly Label[];
}

type Labels<Label extends string> = Record<Label, string>;

/**
 * The numbers of this instance for Prometheus. Whoever has something to count defines it here once and keeps the function:
 * `const written = metrics.counter({ name: 'calendar_event_writes_total', help: '…', labels: ['outcome'] })`.
 */
@Injectable()
export class Metrics {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Something that happens. @returns what to call each time */
  counter<Label extends string>({
    name,
    help,
    labels,
  }: MetricDefinition<Label>): (values: Labels<Label>) => void {
    const counter = new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
    return (values) => counter.inc(values);
  }

  /** Something that takes time. @returns what to call with the seconds it took */
  histogram<Label extends string>(
    { name, help, labels }: MetricDefinition<Label>,
    buckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ): (values: Labels<Label>, seconds: number) => void {
    const histogram = new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.#registry],
    });
    return (values, seconds) => histogram.observe(values, seconds);
  }

  /** Something that has a size, read whenever the metrics are. A reading that fails leaves the gauge out. */
  gauge<Label extends string>(
    { name, help, labels }: MetricDefinition<Label>,
    read: () => readonly [Labels<Label>, number][] | Promise<readonly [Labels<Label>, number][]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      async collect() {
        this.reset();
        try {
          for (const [values, size] of await read()) this.set(values, size);
        } catch {
          // The other metrics matter most when something, such as the database, is away.
        }
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of them in Prometheus' text format. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }
}
