import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { Gauge, Registry } from 'prom-client'
import type { NamespaceStats } from '../../domain/namespace.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import { type MasterGuardDeps, masterGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { strict } from '../schemas.ts'

type Deps = MasterGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    log: Logger
    metrics: HttpMetrics
    store: Store
    stopping: () => boolean
  }

const { databaseMs, namespacesMax } = limits.metrics

/** Metrics for Prometheus. They are served without those of the database when it does not answer in time. */
export const metrics = (deps: Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps))
    .get(
      '/metrics',
      async () => new Response(await expose(deps), { headers: { 'content-type': contentType } }),
      {
        query: strict({}),
        response: { 200: Type.String(), ...problemsOf(401, 422) },
        detail: {
          tags: ['Health'],
          operationId: 'getMetrics',
          summary: 'Metrics for Prometheus',
          description:
            'Answers without a database too: zaas_database_up says whether its part is there.',
        },
      },
    )

const contentType = Registry.PROMETHEUS_CONTENT_TYPE

async function expose({ clock, log, metrics, store, stopping }: Deps): Promise<string> {
  const orTimeout = <Value>(answer: Promise<Value>) =>
    Promise.race([answer, Bun.sleep(databaseMs).then(() => undefined)]).catch((err) => {
      log.warn({ err }, 'metrics go out without those of the database')
      return undefined
    })
  const [httpMetrics, databaseMetrics, state] = await Promise.all([
    metrics.text(),
    orTimeout(store.metrics()),
    orTimeout(readState(store, clock().getTime())),
  ])
  const texts = [httpMetrics, databaseMetrics, await stateMetrics(state, stopping())]
  return texts.filter((text) => text !== undefined).join('\n')
}

type State = Awaited<ReturnType<typeof readState>>

async function readState(store: Store, now: number) {
  const [{ pending, durability }, { namespaces, next }, backlog] = await Promise.all([
    store.readiness(),
    store.listNamespaces({ after: '', limit: namespacesMax, now }),
    store.webhookBacklog(),
  ])
  const { undelivered, oldestAt, disabled } = backlog
  const oldestSeconds = oldestAt === null ? 0 : Math.max(0, (now - oldestAt) / 1_000)
  const webhooks = { undelivered, oldestSeconds, disabled }
  return { pending, durability, namespaces, truncated: next !== null, webhooks }
}

/** The state at this moment, in a new registry, so that no series of a removed namespace is left. */
function stateMetrics(state: State | undefined, stopping: boolean): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, value: number) =>
    new Gauge({ name, help, registers }).set(value)
  const flag = (name: string, help: string, value: boolean) => gauge(name, help, Number(value))
  const ready = state?.pending === 0 && !stopping
  const up = state !== undefined
  flag('zaas_ready', 'Whether /health/ready answers 200.', ready)
  flag('zaas_database_up', 'Whether the database answered; if not, its metrics are missing.', up)
  if (!state) return registry.metrics()

  const { namespaces, truncated, durability } = state
  const counts = (name: string, help: string, countOf: (stats: NamespaceStats) => number) => {
    const gauge = new Gauge({ name, help, registers, labelNames: ['namespace'] })
    for (const { namespace, ...stats } of namespaces) gauge.set({ namespace }, countOf(stats))
  }
  counts('zaas_items_available', 'Items that a match could give.', ({ available }) => available)
  counts('zaas_items_matched', 'Items that a requestor has.', ({ matched }) => matched)
  counts('zaas_items_held', 'Items that are held for a requestor.', ({ held }) => held)
  counts(
    'zaas_items_expired',
    'Items that nobody has and that are past their expiry, less the margin.',
    ({ expired }) => expired,
  )
  const truncatedHelp = `Whether there are more than the ${namespacesMax} namespaces that are told here.`
  flag('zaas_namespaces_cut', truncatedHelp, truncated)
  const { undelivered, oldestSeconds, disabled } = state.webhooks
  gauge('zaas_webhooks_undelivered', 'Events that wait to be delivered.', undelivered)
  gauge(
    'zaas_webhooks_oldest_undelivered_seconds',
    'Age of the oldest event that waits to be delivered.',
    oldestSeconds,
  )
  gauge('zaas_webhooks_disabled', 'Webhooks that are disabled.', disabled)
  const durabilityHelp = 'Whether each commit is synced to disk before it is answered.'
  flag('zaas_durability_full', durabilityHelp, durability === 'full')
  return registry.metrics()
}
