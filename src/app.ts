// Wires everything behind HTTP: middleware, routes, the OpenAPI document and the pages.

import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { ApiKeyId } from './domain/api-key.ts'
import { KeyCache } from './domain/key-cache/key-cache.ts'
import type { MasterKeys } from './domain/master-keys.ts'
import type { Store } from './domain/store.ts'
import type { CheckReceiver } from './domain/webhook.ts'
import { JsonWorker } from './http/json-worker/client.ts'
import { HttpMetrics } from './http/metrics/http-metrics.ts'
import { accessLog } from './http/middleware/access-log.ts'
import { methodFinder } from './http/middleware/allowed-methods.ts'
import { ConcurrencyLimit } from './http/middleware/concurrency-limit.ts'
import { cors } from './http/middleware/cors.ts'
import { problems } from './http/middleware/problems.ts'
import { refused } from './http/middleware/refusals.ts'
import { openApiDocument } from './http/openapi/document.ts'
import { operatorConsole } from './http/pages/console.ts'
import { docs } from './http/pages/docs.ts'
import { swaggerUi } from './http/pages/swagger-ui.ts'
import { withCachedReadiness } from './http/readiness-cache.ts'
import { apiKeys } from './http/routes/api-keys.ts'
import { confirm } from './http/routes/confirm.ts'
import { forget, forgetEverywhere } from './http/routes/forget.ts'
import { greeting } from './http/routes/greeting.ts'
import { health } from './http/routes/health.ts'
import { history, wholeHistory } from './http/routes/history.ts'
import { batches, batchRemoval } from './http/routes/items/batches.ts'
import { itemChanges } from './http/routes/items/item-changes.ts'
import { itemImport } from './http/routes/items/item-import.ts'
import { items } from './http/routes/items/items.ts'
import { match } from './http/routes/match.ts'
import { matchBatch } from './http/routes/match-batch.ts'
import { metrics } from './http/routes/metrics.ts'
import { namespace, namespaces } from './http/routes/namespaces.ts'
import { anySettings, settings } from './http/routes/settings.ts'
import { statsHistory } from './http/routes/stats-history.ts'
import { deliveries } from './http/routes/webhooks/deliveries.ts'
import { webhooks } from './http/routes/webhooks/webhooks.ts'
import type { Peer } from './http/server/peer.ts'
import { limits } from './limits.ts'
import type { LogRequest } from './log.ts'

export type AppDeps = {
  store: Store
  log: Logger
  logRequest: LogRequest
  clock: () => Date
  newId: () => string
  /** Called for each use of an API key. */
  noteUse: (id: ApiKeyId) => void
  checkReceiver: CheckReceiver
  /** Called when something may be due for a webhook. */
  sendSoon: () => void
  masterKeys: MasterKeys
  /** Allowed by CORS, on `/namespaces`. */
  corsOrigins: readonly string[]
  bodyLimitBytes: number
  importLimitBytes: number
  /** The sender of a request, as far as it is known. */
  peerOf: (request: Request) => Peer
  /** Keeps the connection of a request open, however long its response takes, until the returned function is called. */
  keepOpen: (request: Request) => () => void
  /** Whether the process is shutting down; then `/health/ready` answers 503. */
  stopping: () => boolean
  /** How many lines of the log could not be written. */
  droppedLogLines: () => number
}

export type App = ReturnType<typeof createApp>

/** Creates the HTTP service, for `serve` and for tests alike. */
export function createApp(deps: AppDeps) {
  const { bodies, imports, lists, matchBatches } = concurrencyLimits(deps.bodyLimitBytes)
  const levels = {
    bodyBytes: () => bodies.used,
    imports: () => imports.used,
    lists: () => lists.used,
  }
  const httpMetrics = new HttpMetrics(levels, deps.droppedLogLines)
  const keyCache = new KeyCache(deps.store, deps.clock)
  const routeDeps = {
    ...deps,
    store: withCachedReadiness(deps.store),
    keyCache,
    metrics: httpMetrics,
    jsonWorker: new JsonWorker(deps.clock),
    bodies,
    imports,
    lists,
    matchBatches,
  }
  const routes = new Elysia({ normalize: false })
    .use(greeting())
    .use(health(routeDeps))
    .use(match(routeDeps))
    .use(matchBatch(routeDeps))
    .use(confirm(routeDeps))
    .use(items(routeDeps))
    .use(itemChanges(routeDeps))
    .use(itemImport(routeDeps))
    .use(batches(routeDeps))
    .use(batchRemoval(routeDeps))
    .use(namespace(routeDeps))
    .use(statsHistory(routeDeps))
    .use(settings(routeDeps))
    .use(history(routeDeps))
    .use(forget(routeDeps))
    .use(apiKeys(routeDeps))
    .use(namespaces(routeDeps))
    .use(anySettings(routeDeps))
    .use(wholeHistory(routeDeps))
    .use(forgetEverywhere(routeDeps))
    .use(webhooks(routeDeps))
    .use(deliveries(routeDeps))
    .use(metrics(routeDeps))

  const documents = new Elysia()
    .use(openApiDocument(routes))
    .use(swaggerUi())
    .use(operatorConsole())
    .use(docs())
  const methodsOf = methodFinder([...routes.routes, ...documents.routes])
  return new Elysia({
    normalize: false,
    strictPath: true,
    systemRouter: false,
    // Otherwise Elysia does not find the path after a host name of fewer than four characters.
    handler: { standardHostname: false },
  })
    .use(accessLog(routeDeps))
    .use(refused())
    .use(cors({ origins: deps.corsOrigins, methodsOf }))
    .use(problems({ ...deps, methodsOf }))
    .use(routes)
    .use(documents)
}

function concurrencyLimits(bodyLimitBytes: number) {
  const { bodiesMinBytes, bodiesShareMinBytes, importsMax, importsShareMax } = limits.http
  const { streamedListsMax, streamedListsShareMax } = limits.http
  const { runningMax, runningShareMax } = limits.matchBatch
  return {
    bodies: new ConcurrencyLimit(
      {
        max: Math.max(bodiesMinBytes, bodyLimitBytes),
        shareMax: Math.max(bodiesShareMinBytes, bodyLimitBytes),
      },
      'Too many bytes are being worked on.',
    ),
    imports: new ConcurrencyLimit(
      { max: importsMax, shareMax: importsShareMax },
      'Too many imports are running.',
    ),
    lists: new ConcurrencyLimit(
      { max: streamedListsMax, shareMax: streamedListsShareMax },
      'Too many lists are being sent.',
    ),
    matchBatches: new ConcurrencyLimit(
      { max: runningMax, shareMax: runningShareMax },
      'Too many calls of match/batch are running.',
    ),
  }
}
