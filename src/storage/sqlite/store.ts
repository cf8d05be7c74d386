import { Batcher } from '../../domain/batcher.ts'
import type { Readiness, Store } from '../../domain/store.ts'
import { yieldToEventLoop } from '../../event-loop.ts'
import { limits } from '../../limits.ts'
import { createApiKey, deleteApiKeys, findApiKeys, listApiKeys, recordKeyUses } from './api-keys.ts'
import { Database, inMemory } from './database.ts'
import { changeItems, previewAdd, replaceItems } from './item-changes.ts'
import { listItems, storedItems } from './items.ts'
import { assertKnownSchema, assertNotForeign } from './known-schema.ts'
import { matcher } from './match.ts'
import { migrate, pendingMigrations, probe } from './migrations.ts'
import { listNamespaces, namespaceStats } from './namespaces.ts'

/**
 * Opens a database, and applies pending migrations; `created` if it had none. Throws when it cannot be used, and
 * for a schema that this version of zaas does not know.
 */
export async function openSqliteStore(
  url: string,
  authToken?: string,
): Promise<{ store: Store; created: boolean; close: () => Promise<void> }> {
  const db = await Database.open(url, authToken, assertNotForeign)
  const migrated = await migrate(db)
  const read = async (sql: string) => (await db.read({ sql, params: [] })).rows
  await inMemory((model) => assertKnownSchema(read, model))
  await db.assertWritable(probe)
  return { store: sqliteStore(db), created: migrated === 'all', close: () => db.close() }
}

/** The store on a migrated database, be it a file or on a libSQL server: they share all SQL. */
export function sqliteStore(db: Database): Store {
  const batcher = new Batcher(matcher(db), { ...limits.batch, lingerMaxMs: db.lingerMaxMs })
  const help = 'Requests for a match that wait for the next batch.'
  db.metrics.gauge('zaas_match_queue_length', help, () => batcher.queueLength)

  // Matches that have already arrived go first, since a bulk write would block them.
  const afterMatches =
    <Args extends unknown[], Outcome>(
      operation: (db: Database, ...args: Args) => Promise<Outcome>,
    ) =>
    async (...args: Args): Promise<Outcome> => {
      await yieldToEventLoop()
      return operation(db, ...args)
    }
  return {
    match: async (request, context) => batcher.submit({ ...request, ...context }),
    listItems: afterMatches(listItems),
    storedItems: afterMatches(storedItems),
    changeItems: afterMatches(changeItems),
    previewAdd: afterMatches(previewAdd),
    replaceItems: afterMatches(replaceItems),
    namespaceStats: afterMatches(namespaceStats),
    listNamespaces: afterMatches(listNamespaces),
    createApiKey: afterMatches(createApiKey),
    listApiKeys: afterMatches(listApiKeys),
    findApiKeys: afterMatches(findApiKeys),
    deleteApiKeys: afterMatches(deleteApiKeys),
    recordKeyUses: afterMatches(recordKeyUses),
    readiness: afterMatches(readiness),
    metrics: afterMatches((db) => db.metrics.text()),
  }
}

async function readiness(db: Database): Promise<Readiness> {
  db.assertUsable()
  const { length: pending } = await pendingMigrations(db)
  const durability = await db.durability()
  if (pending === 0) await db.assertWritable(probe)
  return { pending, durability }
}
