import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { limits } from '../../limits.ts'

const tickMs = limits.metrics.eventLoopTickMs
const neverMs = 2 ** 30

let registry: Registry | undefined

/** The metrics of the process, measured from the first call on: one registry, however many apps a test creates. */
export function processMetrics(): Registry {
  registry ??= startMeasuring()
  return registry
}

function startMeasuring(): Registry {
  const started = new Registry()
  // Of prom-client's default metrics, those of V8 and libuv mean nothing in Bun. Its event loop delay is reset by
  // each scrape, and NaN if two are close together; the histogram below replaces it.
  collectDefaultMetrics({ register: started, eventLoopMonitoringPrecision: neverMs })
  for (const { name } of started.getMetricsAsArray()) {
    if (!/^process_(?!virtual|heap)/.test(name)) started.removeSingleMetric(name)
  }
  const delay = new Histogram({
    name: 'zaas_event_loop_delay_seconds',
    help: `How late a timer of ${tickMs} ms is on the thread that serves HTTP.`,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [started],
  })
  let dueMs = performance.now() + tickMs
  setInterval(() => {
    const nowMs = performance.now()
    delay.observe(Math.max(0, nowMs - dueMs) / 1_000)
    dueMs = nowMs + tickMs
  }, tickMs).unref()
  return started
}
