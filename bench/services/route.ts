import { Elysia } from 'elysia'
import { Database } from '../../src/db/database.ts'
import { KeyRing } from '../../src/db/key-ring.ts'
import { createKey, scopes } from '../../src/db/keys.ts'
import type { MatchRequest, Outcome } from '../../src/db/matches.ts'
import { migrate } from '../../src/db/migrations.ts'
import { storeOn } from '../../src/db/store.ts'
import { match } from '../../src/http/match.ts'
import { Meters } from '../../src/http/meters.ts'
import { problems } from '../../src/http/problems.ts'
import { Quota } from '../../src/http/quota.ts'
import { requests } from '../../src/http/requests.ts'
import { createLog } from '../../src/log.ts'
import { apiKeyOf, namespaceName } from '../stock.ts'

/**
 * Serves zaas's own match route, with its keys, validation, answers and access lines, and another way to
 * match behind it. Its keys lie in a small database of their own, read once a second.
 */
export async function serve(submit: (request: MatchRequest) => Promise<Outcome>): Promise<void> {
  const { log } = createLog('info')
  const clock = () => new Date()
  const db = await Database.open(`file:${process.env['KEYS']}`)
  await migrate(db)
  const store = storeOn(db)
  for (let n = 0; n < Number(process.env['NAMESPACES']); n++) await addKey(db, namespaceName(n))
  const none = () => 0
  const meters = new Meters({ bodyBytes: none, imports: none, lists: none })
  const app = new Elysia({ normalize: false, strictPath: true, systemRouter: false })
    .use(requests({ log, newId: () => crypto.randomUUID(), meters }))
    .use(problems({ log, routes: [] }))
    .get('/', () => 'ready')
    .use(
      match({
        keyRing: new KeyRing(store, clock, log),
        bodyLimitBytes: 2 ** 24,
        bodies: new Quota(2 ** 26, 'Too many bytes.'),
        meters,
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

const addKey = (db: Database, namespace: string) =>
  createKey(db, {
    id: `key_${namespace}`,
    apiKey: apiKeyOf(namespace),
    namespace,
    name: null,
    scopes,
    createdAt: Date.now(),
    expiresAt: null,
  })
