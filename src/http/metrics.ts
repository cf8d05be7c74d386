import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { Gauge, Registry } from 'prom-client'
import type { Stats } from '../db/stats.ts'
import type { Store } from '../db/store.ts'
import { inHeaderOrBearer, type MasterGuardDeps, masterGuard } from './auth.ts'
import { strict } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { type Meters, namespacesMax } from './meters.ts'
import { problemsOf } from './problems.ts'

type Deps = MasterGuardDeps &
  JsonInputDeps & { log: Logger; meters: Meters; store: Store; stopping: () => boolean }

/** What the database is waited for; whoever scrapes gives up after ten seconds. */
const databaseMaxMs = 2_000

export const metrics = (deps: Deps) =>
  new Elysia()
    .use(masterGuard(deps, inHeaderOrBearer))
    .use(jsonInput(deps))
    .get(
      '/metrics',
      async () => new Response(await expose(deps), { headers: { 'content-type': contentType } }),
      {
        query: strict({}),
        response: { 200: Type.String(), ...problemsOf(401, 422) },
        detail: {
          tags: ['Master keys'],
          operationId: 'getMetrics',
          summary: 'Metrics for Prometheus',
          description:
            'Takes a master key also as a bearer token. Answers without a database too: ' +
            'zaas_database_up says whether its part is there.',
        },
      },
    )

const contentType = Registry.PROMETHEUS_CONTENT_TYPE

async function expose({ log, meters, store, stopping }: Deps): Promise<string> {
  const ask = <Value>(asked: Promise<Value>) =>
    Promise.race([asked, Bun.sleep(databaseMaxMs).then(() => undefined)]).catch((err) => {
      log.warn({ err }, 'metrics go out without those of the database')
      return undefined
    })
  const [own, measured, state] = await Promise.all([
    meters.text(),
    ask(store.measurements()),
    ask(stateOf(store)),
  ])
  const texts = [own, measured, await describe(state, stopping())]
  return texts.filter((text) => text !== undefined).join('\n')
}

type State = Awaited<ReturnType<typeof stateOf>>

async function stateOf(store: Store) {
  const [{ pending, durability }, { page, next }] = await Promise.all([
    store.readiness(),
    store.listNamespaces({ after: '', limit: namespacesMax }),
  ])
  return { pending, durability, page, cut: next !== null }
}

/** The state at this moment, in a registry of its own: what is gone leaves no series behind. */
function describe(state: State | undefined, stopping: boolean): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  const flag = (name: string, help: string, value: boolean) =>
    new Gauge({ name, help, registers }).set(Number(value))
  const ready = state?.pending === 0 && !stopping
  const up = state !== undefined
  flag('zaas_ready', 'Whether /health/ready answers 200.', ready)
  flag('zaas_database_up', 'Whether the database answered; if not, its metrics are missing.', up)
  if (!state) return registry.metrics()

  const { page, cut, durability } = state
  const counts = (name: string, help: string, countOf: (stats: Stats) => number) => {
    const gauge = new Gauge({ name, help, registers, labelNames: ['namespace'] })
    for (const { namespace, ...stats } of page) gauge.set({ namespace }, countOf(stats))
  }
  counts('zaas_items_available', 'Items that nobody has.', ({ available }) => available)
  counts('zaas_items_matched', 'Items that a requestor has.', ({ matched }) => matched)
  const cutHelp = `Whether there are more than the ${namespacesMax} namespaces that are told here.`
  flag('zaas_namespaces_cut', cutHelp, cut)
  const fullHelp = 'Whether each commit is synced to disk before it is answered.'
  flag('zaas_durability_full', fullHelp, durability === 'full')
  return registry.metrics()
}
