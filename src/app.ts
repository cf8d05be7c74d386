import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { ApiKeyId } from './domain/api-key.ts'
import { KeyCache } from './domain/key-cache.ts'
import type { Store } from './domain/store.ts'
import { HttpMetrics } from './http/metrics/http-metrics.ts'
import { accessLog } from './http/middleware/access-log.ts'
import { ConcurrencyLimit } from './http/middleware/concurrency-limit.ts'
import { problems } from './http/middleware/problems.ts'
import { openApiDocument } from './http/openapi/document.ts'
import { operatorConsole } from './http/pages/console.ts'
import { swaggerUi } from './http/pages/swagger-ui.ts'
import { apiKeys } from './http/routes/api-keys.ts'
import { greeting } from './http/routes/greeting.ts'
import { health } from './http/routes/health.ts'
import { itemChanges } from './http/routes/item-changes.ts'
import { itemImport } from './http/routes/item-import.ts'
import { items } from './http/routes/items.ts'
import { match } from './http/routes/match.ts'
import { metrics } from './http/routes/metrics.ts'
import { namespace, namespaces } from './http/routes/namespaces.ts'
import { limits } from './limits.ts'

export type AppDeps = {
  store: Store
  log: Logger
  clock: () => Date
  newId: () => string
  /** Told of each use of an API key. */
  noteUse: (id: ApiKeyId) => void
  masterApiKeys: readonly string[]
  bodyLimitBytes: number
  importLimitBytes: number
  /** Whether the process is about to end, which `/health/ready` tells. */
  stopping: () => boolean
}

export type App = ReturnType<typeof createApp>

/** Wires the service; the process and the tests both start here. */
export function createApp(deps: AppDeps) {
  const { bodiesMinBytes, importsMax, streamedListsMax } = limits.http
  const bodiesMaxBytes = Math.max(bodiesMinBytes, deps.bodyLimitBytes)
  const bodies = new ConcurrencyLimit(bodiesMaxBytes, 'Too many bytes are being worked on.')
  const imports = new ConcurrencyLimit(importsMax, 'Too many imports are running.')
  const lists = new ConcurrencyLimit(streamedListsMax, 'Too many lists are being sent.')
  const httpMetrics = new HttpMetrics({
    bodyBytes: () => bodies.used,
    imports: () => imports.used,
    lists: () => lists.used,
  })
  const keyCache = new KeyCache(deps.store, deps.clock)
  const wired = { ...deps, keyCache, metrics: httpMetrics, bodies, imports, lists }
  const routes = new Elysia({ normalize: false })
    .use(greeting())
    .use(health(wired))
    .use(match(wired))
    .use(items(wired))
    .use(itemChanges(wired))
    .use(itemImport(wired))
    .use(namespace(wired))
    .use(apiKeys(wired))
    .use(namespaces(wired))
    .use(metrics(wired))

  const documents = new Elysia()
    .use(openApiDocument(routes))
    .use(swaggerUi())
    .use(operatorConsole())
  return new Elysia({
    normalize: false,
    strictPath: true,
    systemRouter: false,
    // Otherwise a host name of less than four characters hides the path.
    handler: { standardHostname: false },
  })
    .use(accessLog(wired))
    .use(problems({ log: deps.log, routes: [...routes.routes, ...documents.routes] }))
    .use(routes)
    .use(documents)
}
