import { Counter, Gauge, Histogram, Registry } from 'prom-client'

const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** The metrics of a database, measured in the thread that uses it. */
export class DatabaseMetrics {
  readonly #registry = new Registry()
  readonly commitSeconds: Histogram
  readonly retries: Counter
  readonly failures: Counter
  readonly batchSize: Histogram

  constructor() {
    const registers = [this.#registry]
    this.commitSeconds = new Histogram({
      name: 'zaas_database_commit_duration_seconds',
      help: 'Time of a write from its turn to its commit, with what it waited for other processes.',
      buckets: commitBuckets,
      registers,
    })
    this.retries = new Counter({
      name: 'zaas_database_retries_total',
      help: 'Statements tried again: another process was in the way, or the server did not answer.',
      registers,
    })
    this.failures = new Counter({
      name: 'zaas_database_failures_total',
      help: 'Statements given up because the database stayed busy or could not be used.',
      registers,
    })
    this.batchSize = new Histogram({
      name: 'zaas_match_batch_requests',
      help: 'Requests for a match that were answered together, by one read and at most one commit.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    })
  }

  /** Adds a gauge whose value is read at each scrape. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** All metrics as Prometheus text. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
