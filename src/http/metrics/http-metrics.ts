import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { version } from '../../../package.json'
import { limits } from '../../limits.ts'
import { processText } from './process-metrics.ts'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const { namespacesMax } = limits.metrics
/** No namespace has this name. */
const otherNamespaces = '~other'
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export type MatchOutcome = 'new' | 'repeat' | 'exhausted' | 'failed'

/** What waits or is in use at the moment. */
type Levels = Record<keyof typeof levelNames, () => number>

const levelNames = {
  bodyBytes: {
    name: 'zaas_http_body_bytes',
    help: 'Bytes of the JSON bodies whose requests are not answered yet.',
  },
  imports: { name: 'zaas_imports_running', help: 'Imports that run.' },
  lists: { name: 'zaas_lists_running', help: 'Whole lists that are being sent.' },
}

/** What one zaas measures of the requests that it answers. */
export class HttpMetrics {
  readonly #registry = new Registry()
  readonly #requests: Histogram
  readonly #matches = new Map<string, Record<MatchOutcome, number>>()

  constructor(levels: Levels) {
    const registers = [this.#registry]
    const matches = this.#matches
    this.#requests = new Histogram({
      name: 'zaas_http_request_duration_seconds',
      help: 'Requests by method, pattern of the route (unknown: none) and status, with their durations.',
      labelNames: ['method', 'route', 'status'],
      buckets: seconds,
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
    for (const [level, read] of Object.entries(levels)) {
      new Gauge({
        ...levelNames[level as keyof Levels],
        registers,
        collect() {
          this.set(read())
        },
      })
    }
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

  countMatch(namespace: string, outcome: MatchOutcome): void {
    const full = this.#matches.size >= namespacesMax && !this.#matches.has(namespace)
    const name = full ? otherNamespaces : namespace
    const counts = this.#matches.get(name) ?? { new: 0, repeat: 0, exhausted: 0, failed: 0 }
    counts[outcome]++
    this.#matches.set(name, counts)
  }

  /** Everything, and what the process measures of itself, as Prometheus text. */
  async text(): Promise<string> {
    const texts = await Promise.all([this.#registry.metrics(), processText()])
    return texts.join('\n')
  }
}
