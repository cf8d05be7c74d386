import { Batcher } from '../../domain/batcher.ts'
import type { Readiness, Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { createApiKey, deleteApiKeys, listApiKeys, recordKeyUses } from './api-keys.ts'
import { Database } from './database.ts'
import { changeItems, replaceItems } from './item-changes.ts'
import { listItems } from './items.ts'
import { matcher } from './match.ts'
import { migrate, pendingMigrations } from './migrations.ts'
import { listNamespaces, namespaceStats } from './namespaces.ts'

/** Opens a database, and applies pending migrations. Throws when it cannot be used. */
export async function openSqliteStore(
  url: string,
  authToken?: string,
): Promise<{ store: Store; close: () => Promise<void> }> {
  const db = await Database.open(url, authToken)
  await migrate(db)
  return { store: sqliteStore(db), close: () => db.close() }
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
      await new Promise(setImmediate)
      return operation(db, ...args)
    }
  return {
    match: async (request, context) => batcher.submit({ ...request, ...context }),
    listItems: afterMatches(listItems),
    changeItems: afterMatches(changeItems),
    replaceItems: afterMatches(replaceItems),
    namespaceStats: afterMatches(namespaceStats),
    listNamespaces: afterMatches(listNamespaces),
    createApiKey: afterMatches(createApiKey),
    listApiKeys: afterMatches(listApiKeys),
    deleteApiKeys: afterMatches(deleteApiKeys),
    recordKeyUses: afterMatches(recordKeyUses),
    readiness: afterMatches(readiness),
    metrics: afterMatches((db) => db.metrics.text()),
  }
}

async function readiness(db: Database): Promise<Readiness> {
  return {
    pending: (await pendingMigrations(db)).length,
    durability: await db.durability(),
  }
}
