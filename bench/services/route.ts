import { Elysia } from 'elysia'
import { scopes } from '../../src/domain/api-key.ts'
import { KeyCache } from '../../src/domain/key-cache/key-cache.ts'
import type { MatchOutcome, MatchRequest } from '../../src/domain/match.ts'
import type { Store } from '../../src/domain/store.ts'
import { JsonWorker } from '../../src/http/json-worker/client.ts'
import { HttpMetrics } from '../../src/http/metrics/http-metrics.ts'
import { accessLog } from '../../src/http/middleware/access-log.ts'
import { ConcurrencyLimit } from '../../src/http/middleware/concurrency-limit.ts'
import { problems } from '../../src/http/middleware/problems.ts'
import { match } from '../../src/http/routes/match.ts'
import { createLog } from '../../src/log.ts'
import { openSqliteStore } from '../../src/storage/sqlite/store/store.ts'
import { apiKeyOf, namespaceName } from '../stock.ts'

/**
 * Serves zaas's own match route, with its keys, validation, answers and access lines, and another way to
 * match behind it. Its keys lie in a small database of their own, read once a second.
 */
export async function serve(
  submit: (request: MatchRequest) => Promise<MatchOutcome>,
): Promise<void> {
  const { log, logRequest } = createLog('info')
  const clock = () => new Date()
  const { store } = await openSqliteStore(`file:${process.env['KEYS']}`)
  for (let n = 0; n < Number(process.env['NAMESPACES']); n++) await addKey(store, namespaceName(n))
  const none = () => 0
  const metrics = new HttpMetrics({ bodyBytes: none, imports: none, lists: none })
  const app = new Elysia({ normalize: false, strictPath: true, systemRouter: false })
    .use(accessLog({ logRequest, newId: () => crypto.randomUUID(), metrics }))
    .use(problems({ log, peerOf: () => ({}), methodsOf: () => [] }))
    .get('/', () => 'ready')
    .use(
      match({
        keyCache: new KeyCache(store, clock),
        noteUse: () => {},
        bodyLimitBytes: 2 ** 24,
        bodies: new ConcurrencyLimit({ max: 2 ** 26, shareMax: 2 ** 26 }, 'Too many bytes.'),
        jsonWorker: new JsonWorker(clock),
        metrics,
        clock,
        store: { match: submit },
      }),
    )
  Bun.serve({
    port: Number(process.env['PORT']),
    hostname: '127.0.0.1',
    fetch: app.fetch,
    development: false,
    reusePort: false,
  })
}

/** The outcome of a match with an item that is nothing but its code. */
export const plainMatch = (
  item: string,
  matchedAt: number,
  alreadyMatched: boolean,
): MatchOutcome => ({
  ...{ kind: 'matched', item, data: null, expiresAt: null, heldUntil: null },
  ...{ matchedAt, alreadyMatched },
})

const addKey = (store: Store, namespace: string) =>
  store.createApiKey(
    {
      id: `key_${namespace}`,
      apiKey: apiKeyOf(namespace),
      namespace,
      name: null,
      scopes,
      expiresAt: null,
    },
    { now: Date.now(), actor: 'process' },
  )
