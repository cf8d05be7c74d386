import { Batcher } from '../../../domain/batcher/batcher.ts'
import type { Readiness, Store } from '../../../domain/store.ts'
import { yieldToEventLoop } from '../../../event-loop.ts'
import { limits } from '../../../limits.ts'
import {
  createApiKey,
  deleteApiKeys,
  findApiKeys,
  listApiKeys,
  recordKeyUses,
} from '../api-keys.ts'
import { Database, inMemory } from '../database.ts'
import { forget } from '../history/forget.ts'
import { listHistory } from '../history/history.ts'
import { pruneHistory } from '../history/prune.ts'
import { findTraces } from '../history/traces.ts'
import { assertKnownSchema, assertNotForeign } from '../known-schema.ts'
import { Assumptions } from '../matches/assumptions.ts'
import { confirm } from '../matches/confirm.ts'
import { matcher } from '../matches/match-batch.ts'
import { replaceMatch } from '../matches/replace.ts'
import { sweep } from '../matches/sweep.ts'
import { migrate, pendingMigrations, probe, type Tell, whileBusy } from '../migrations.ts'
import { namespaceStats, statsHistory } from '../records/stats.ts'
import { findBatch, listBatches, removeBatch } from '../stock/batches.ts'
import { changeItems, replaceItems } from '../stock/change-items.ts'
import { findChange } from '../stock/idempotency.ts'
import { importRows } from '../stock/import-rows.ts'
import { listItems, storedItems } from '../stock/items.ts'
import { changeSettings, listNamespaces, namespaceState } from '../stock/namespaces.ts'
import {
  listDeliveries,
  retryDelivery,
  testWebhook,
  webhookBacklog,
} from '../webhooks/deliveries.ts'
import { leaseDeliveries, recordAttempts } from '../webhooks/send-queue.ts'
import { tidyWebhooks } from '../webhooks/tidy.ts'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  rotateWebhookSecret,
} from '../webhooks/webhooks.ts'

/**
 * Opens a database, and applies pending migrations; `created` if it had none. Waits for others that have it locked.
 * Throws when it cannot be used, and for a schema that this version of zaas does not know.
 */
export async function openSqliteStore(
  url: string,
  authToken?: string,
  tell: Tell = () => {},
): Promise<{ store: Store; created: boolean; close: () => Promise<void> }> {
  const { db, migrated } = await openMigrated(url, authToken, tell)
  const read = async (sql: string) => (await db.read({ sql, params: [] })).rows
  await inMemory((model) => assertKnownSchema(read, model))
  await db.assertWritable(probe)
  return { store: sqliteStore(db), created: migrated === 'all', close: () => db.close() }
}

async function openMigrated(url: string, authToken: string | undefined, tell: Tell) {
  const open = () => whileBusy(tell, () => Database.open(url, authToken, assertNotForeign))
  const db = await open()
  const migrated = await migrate(db, { tell })
  if (migrated !== 'some') return { db, migrated }
  // All of the database may be in its log: closing empties that, and ends what `longWrite` has set.
  await db.close()
  return { db: await open(), migrated }
}

/** The store on a migrated database, be it a file or on a libSQL server: they share all SQL. */
export function sqliteStore(db: Database): Store {
  const assumptions = new Assumptions()
  const batcher = new Batcher(matcher(db, assumptions), {
    ...limits.batch,
    lingerMaxMs: db.lingerMaxMs,
  })
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
    match: async (request, context) => {
      const { replace } = request
      return replace === undefined
        ? batcher.submit({ ...request, ...context })
        : replaceMatch(db, { ...request, replace }, context, assumptions)
    },
    confirm: afterMatches((db, confirmation, context) =>
      confirm(db, confirmation, context, assumptions),
    ),
    listItems: afterMatches(listItems),
    storedItems: afterMatches(storedItems),
    changeItems: afterMatches(changeItems),
    findChange: afterMatches(findChange),
    importRows: afterMatches(importRows),
    replaceItems: afterMatches(replaceItems),
    namespaceStats: afterMatches(namespaceStats),
    statsHistory: afterMatches(statsHistory),
    namespaceState: afterMatches(namespaceState),
    changeSettings: afterMatches(changeSettings),
    listBatches: afterMatches(listBatches),
    findBatch: afterMatches(findBatch),
    removeBatch: afterMatches(removeBatch),
    listHistory: afterMatches(listHistory),
    findTraces: afterMatches(findTraces),
    forget: afterMatches(forget),
    pruneHistory: afterMatches(pruneHistory),
    sweep: afterMatches(sweep),
    listNamespaces: afterMatches(listNamespaces),
    createWebhook: afterMatches(createWebhook),
    listWebhooks: afterMatches(listWebhooks),
    findWebhook: afterMatches(findWebhook),
    changeWebhook: afterMatches(changeWebhook),
    rotateWebhookSecret: afterMatches(rotateWebhookSecret),
    deleteWebhook: afterMatches(deleteWebhook),
    listDeliveries: afterMatches(listDeliveries),
    retryDelivery: afterMatches(retryDelivery),
    testWebhook: afterMatches(testWebhook),
    leaseDeliveries: afterMatches(leaseDeliveries),
    recordAttempts: afterMatches(recordAttempts),
    tidyWebhooks: afterMatches(tidyWebhooks),
    webhookBacklog: afterMatches(webhookBacklog),
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
