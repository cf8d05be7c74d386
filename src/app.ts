import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { KeyRing } from './db/key-ring.ts'
import type { Store } from './db/store.ts'
import { operatorConsole } from './http/console.ts'
import { docs } from './http/docs.ts'
import { strict } from './http/fields.ts'
import { health } from './http/health.ts'
import { imports } from './http/imports.ts'
import { items } from './http/items.ts'
import { keys } from './http/keys.ts'
import { match } from './http/match.ts'
import { Meters } from './http/meters.ts'
import { metrics } from './http/metrics.ts'
import { namespaces } from './http/namespaces.ts'
import { page } from './http/page.ts'
import { problems, problemsOf } from './http/problems.ts'
import { Quota } from './http/quota.ts'
import { requests } from './http/requests.ts'
import { stats } from './http/stats.ts'
import { stock } from './http/stock.ts'

export type AppDeps = {
  store: Store
  log: Logger
  clock: () => Date
  newId: () => string
  masterApiKeys: readonly string[]
  bodyLimitBytes: number
  importLimitBytes: number
  /** Whether the process is about to end, which `/health/ready` tells. */
  stopping: () => boolean
}

export type App = ReturnType<typeof createApp>

/** At least so many bytes of JSON bodies are held at once; one of the largest allowed always fits. */
const bodiesMinBytes = 64 * 2 ** 20
const importsMax = 8
const listsMax = 64

/** Wires the service; the process and the tests both start here. */
export function createApp(deps: AppDeps) {
  const keyRing = new KeyRing(deps.store, deps.clock, deps.log)
  const bodiesMaxBytes = Math.max(bodiesMinBytes, deps.bodyLimitBytes)
  const bodies = new Quota(bodiesMaxBytes, 'Too many bytes are being worked on.')
  const running = new Quota(importsMax, 'Too many imports are running.')
  const lists = new Quota(listsMax, 'Too many lists are being sent.')
  const meters = new Meters({
    bodyBytes: () => bodies.used,
    imports: () => running.used,
    lists: () => lists.used,
  })
  const wired = { ...deps, keyRing, meters, bodies, running, lists }
  const routes = new Elysia({ normalize: false })
    .get('/', () => 'zaas' as const, {
      query: strict({}),
      response: { 200: Type.Literal('zaas'), ...problemsOf(422) },
      detail: {
        tags: ['Everyone'],
        operationId: 'greet',
        summary: 'Who is there?',
        description: 'Answers zaas.',
      },
    })
    .use(health(wired))
    .use(match(wired))
    .use(items(wired))
    .use(stock(wired))
    .use(imports(wired))
    .use(stats(wired))
    .use(keys(wired))
    .use(namespaces(wired))
    .use(metrics(wired))

  const documents = new Elysia().use(docs(routes)).use(page()).use(operatorConsole())
  return new Elysia({
    normalize: false,
    strictPath: true,
    systemRouter: false,
    // Otherwise a host name of less than four characters hides the path.
    handler: { standardHostname: false },
  })
    .use(requests(wired))
    .use(problems({ log: deps.log, routes: [...routes.routes, ...documents.routes] }))
    .use(routes)
    .use(documents)
}
