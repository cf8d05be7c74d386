// The metrics of HTTP requests, and those of the process.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { version } from '../../../package.json'
import type { RefusalReason } from '../../domain/match.ts'
import { limits } from '../../limits.ts'
import { processMetrics } from './process-metrics.ts'

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const { namespacesMax } = limits.metrics
/** In place of the namespaces past the limit. No namespace can have this name. */
const otherNamespaces = '~other'
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The values of the label `outcome` that every namespace has; the others come with their first request. */
const commonOutcomes = { new: 0, repeat: 0, exhausted: 0, failed: 0 }
type CommonOutcome = keyof typeof commonOutcomes
export type MatchOutcomeLabel =
  | CommonOutcome
  | 'held'
  | 'replaced'
  | 'confirmed'
  | 'lapsed'
  | Exclude<RefusalReason, 'none_left'>
type MatchCounts = Record<CommonOutcome, number> & Partial<Record<MatchOutcomeLabel, number>>

/** Read the current value of each gauge. */
type GaugeReaders = Record<keyof typeof gauges, () => number>

const gauges = {
  bodyBytes: {
    name: 'zaas_http_body_bytes',
    help: 'Bytes of the JSON bodies whose requests are not answered yet.',
  },
  imports: { name: 'zaas_imports_running', help: 'Imports that run.' },
  lists: { name: 'zaas_lists_running', help: 'Whole lists that are being sent.' },
}

export class HttpMetrics {
  readonly #registry = new Registry()
  readonly #process = processMetrics()
  readonly #requests: Histogram
  readonly #matches = new Map<string, MatchCounts>()

  constructor(gaugeReaders: GaugeReaders, droppedLogLines = () => 0) {
    const registers = [this.#registry]
    const matches = this.#matches
    this.#requests = new Histogram({
      name: 'zaas_http_request_duration_seconds',
      help: 'Requests by method, pattern of the route (unknown: none) and status, with their durations.',
      labelNames: ['method', 'route', 'status'],
      buckets: durationBuckets,
      registers,
    })
    new Counter({
      name: 'zaas_matches_total',
      help: `Requests for a match, by outcome and namespace (${otherNamespaces}: past ${namespacesMax} namespaces).`,
      labelNames: ['namespace', 'outcome'],
      registers,
      collect() {
        this.reset()
        for (const [namespace, counts] of matches) {
          for (const [outcome, count] of Object.entries(counts))
            this.inc({ namespace, outcome }, count)
        }
      },
    })
    this.#gauge(gauges.bodyBytes, gaugeReaders.bodyBytes)
    this.#gauge(gauges.imports, gaugeReaders.imports)
    this.#gauge(gauges.lists, gaugeReaders.lists)
    new Counter({
      name: 'zaas_log_lines_dropped_total',
      help: 'Lines of the log that could not be written, or came faster than they are taken.',
      registers,
      collect() {
        this.reset()
        this.inc(droppedLogLines())
      },
    })
    new Gauge({
      name: 'zaas_build_info',
      help: 'The versions of zaas and of Bun, as labels.',
      labelNames: ['version', 'bun'],
      registers,
    }).set({ version, bun: Bun.version }, 1)
  }

  countRequest(method: string, route: string, status: number, durationMs: number): void {
    this.#requests.observe(
      {
        method: methods.includes(method) ? method : 'other',
        route: route || 'unknown',
        status,
      },
      durationMs / 1_000,
    )
  }

  countMatch(namespace: string, outcome: MatchOutcomeLabel): void {
    const full = this.#matches.size >= namespacesMax && !this.#matches.has(namespace)
    const label = full ? otherNamespaces : namespace
    const counts = this.#matches.get(label) ?? { ...commonOutcomes }
    counts[outcome] = (counts[outcome] ?? 0) + 1
    this.#matches.set(label, counts)
  }

  /** All of them as Prometheus text. */
  async text(): Promise<string> {
    const texts = await Promise.all([this.#registry.metrics(), this.#process.metrics()])
    return texts.join('\n')
  }

  #gauge(gauge: { name: string; help: string }, read: () => number): void {
    new Gauge({
      ...gauge,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }
}
