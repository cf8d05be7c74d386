import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { type Client, createClient } from '@libsql/client'
import type { ItemFilter } from '../src/domain/item.ts'
import { hourMs } from '../src/domain/stats-history.ts'
import type { Attempt } from '../src/domain/webhook.ts'
import { limits } from '../src/limits.ts'
import { deleteApiKeys, findApiKeys, listApiKeys } from '../src/storage/sqlite/api-keys.ts'
import type { Statement } from '../src/storage/sqlite/database.ts'
import { forget } from '../src/storage/sqlite/history/forget.ts'
import { listHistory } from '../src/storage/sqlite/history/history.ts'
import { pruneHistory } from '../src/storage/sqlite/history/prune.ts'
import { findTraces } from '../src/storage/sqlite/history/traces.ts'
import { deleteOldKeys } from '../src/storage/sqlite/idempotency-keys.ts'
import { Assumptions } from '../src/storage/sqlite/matches/assumptions.ts'
import { confirm } from '../src/storage/sqlite/matches/confirm.ts'
import { matchBatch } from '../src/storage/sqlite/matches/match-batch.ts'
import { replaceMatch } from '../src/storage/sqlite/matches/replace.ts'
import { sweep } from '../src/storage/sqlite/matches/sweep.ts'
import { stageReleased, stageRemoved } from '../src/storage/sqlite/records/outbox.ts'
import { namespaceStats, statsHistory } from '../src/storage/sqlite/records/stats.ts'
import { tellStock } from '../src/storage/sqlite/records/tell-stock.ts'
import { findBatch, listBatches, removeBatch } from '../src/storage/sqlite/stock/batches.ts'
import { changeItems, replaceItems } from '../src/storage/sqlite/stock/change-items.ts'
import { findChange } from '../src/storage/sqlite/stock/idempotency.ts'
import { importRows } from '../src/storage/sqlite/stock/import-rows.ts'
import { listItems, storedItems } from '../src/storage/sqlite/stock/items.ts'
import {
  changeSettings,
  listNamespaces,
  namespaceState,
} from '../src/storage/sqlite/stock/namespaces.ts'
import {
  listDeliveries,
  retryDelivery,
  testWebhook,
  webhookBacklog,
} from '../src/storage/sqlite/webhooks/deliveries.ts'
import { leaseDeliveries, recordAttempts } from '../src/storage/sqlite/webhooks/send-queue.ts'
import { tidyWebhooks } from '../src/storage/sqlite/webhooks/tidy.ts'
import { createWebhook } from '../src/storage/sqlite/webhooks/webhooks.ts'
import { tempDatabase } from './support/app.ts'
import { contextAt, requestsAt } from './support/context.ts'

// Every statement that an action runs must find its rows as said here, also beside the many rows that
// `bun run test:load` asks for. EXPLAIN needs a client of its own: through `write` it would leave its
// statement open at the commit.
const rowsBeside = Number(process.env['PLAN_ROWS'] ?? 0)
const fillMaxMs = 120_000
let explainer: Client
let temp: Awaited<ReturnType<typeof tempDatabase>>

beforeAll(async () => {
  temp = await tempDatabase()
  explainer = createClient({ url: `file:${temp.path}` })
  await temp.db.write([rowsOfEveryKind(rowsBeside), poolOfRows])
  await change({ add: ['C'] })
  await matchBatch(temp.db, [{ ...requestOf('u'), holdSeconds: 1 }])
  const items = ['A', 'B', 'D', { item: 'E', expiresAt: 10_000 }]
  await change({ add: items, batch: 'b' })
  await changeSettings(
    temp.db,
    { namespace: 'folded', settings: { requestors: 'folded' } },
    contextAt(1),
  )
  await change({ namespace: 'folded', add: ['A', { item: 'B', expiresAt: 15_000 }] })
  // For a sweep each to tidy up.
  for (const [namespace, expiresAt] of Object.entries({ early: 15_000, late: hourMs })) {
    const late = { namespace, add: [{ item: 'A', expiresAt }], remove: [], release: [] }
    await changeItems(temp.db, late, contextAt(1))
  }
}, fillMaxMs)
afterAll(async () => {
  explainer.close()
  await temp.close()
})

/** Available with and without an expiry, matched, held and removed. */
const rowsOfEveryKind = (count: number): Statement => ({
  sql: `WITH RECURSIVE n(n) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        INSERT INTO items (namespace, item, requestor, matched_at, held_until, expires_at, batch, created_at, deleted_at)
        SELECT 'large', 'item-' || n, iif(n % 5 IN (1, 3), 'requestor-' || n, NULL), iif(n % 5 IN (1, 3), 0, NULL),
          iif(n % 5 = 3, n, NULL), iif(n % 5 = 4, n, NULL), 1, 0, iif(n % 5 = 2, 1, NULL)
        FROM n`,
  params: [count],
})
const poolOfRows: Statement = {
  sql: `INSERT INTO namespaces (namespace, total, matched, held)
        SELECT namespace, count(*), count(iif(held_until IS NULL, requestor, NULL)), count(held_until)
        FROM items WHERE deleted_at IS NULL GROUP BY namespace`,
  params: [],
}

type Lists = Partial<Parameters<typeof changeItems>[1]>
const change = (lists: Lists, now = 1) =>
  changeItems(
    temp.db,
    { namespace: 'ns', add: [], remove: [], release: [], ...lists },
    contextAt(now),
  )

const requestOf = (requestor: string) => ({ namespace: 'ns', requestor, ...contextAt(2) })

/** Runs an action for real, and returns how SQLite would look up the tables in its statements, each way once. */
async function lookupsOf(action: () => Promise<unknown>): Promise<string[]> {
  const spies = (['read', 'write', 'bulkWrite', 'rehearse'] as const).map((name) =>
    spyOn(temp.db, name),
  )
  await action()
  const statements: Statement[] = spies
    .flatMap((spy) => spy.mock.calls.flat(2))
    .filter(({ sql }) => !forWebhooks.has(sql))
  for (const spy of spies) spy.mockRestore()
  const plans = await Promise.all(statements.map(explain))
  const lookups = plans.flat().filter((line) => onTable.test(line))
  return [
    ...new Set(lookups.map((line) => line.replace(/SEARCH \S+ USING (COVERING )?INDEX /, ''))),
  ].sort()
}

// What else there is are the lists of the statement, and what it makes of them.
const onTable =
  /^(SEARCH (?!\()|SCAN (items|pool|namespaces|hours|events|changes|batches|actors|api_keys|idempotency_keys|standing|other|later|earlier|made|change|deliveries|delivery|webhooks|hook)\b)|AUTOMATIC/

/** The statements by which changes tell webhooks: see below. */
const forWebhooks = new Set(
  [...tellStock('', 0), ...stageRemoved('', 0), ...stageReleased('', 0)].map(({ sql }) => sql),
)

async function explain({ sql, params }: Statement): Promise<string[]> {
  const { rows } = await explainer.execute({
    sql: `EXPLAIN QUERY PLAN ${sql}`,
    args: params.map((value) => (value === null ? null : String(value))),
  })
  return rows.map(({ detail }) => String(detail))
}

const idempotency = { key: 'k', digest: 'd' }
const assumptions = new Assumptions()
const chunk = {
  ...{ namespace: 'ns', batch: 'i', received: 1, begun: true },
  ...{ restore: true, dryRun: true },
}

test.each<[name: string, action: () => Promise<unknown>, lookups: string[]]>([
  [
    'a new match',
    () => matchBatch(temp.db, requestsAt(2, 'ns', 'r')),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>? AND id<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_queue (namespace=? AND rowid<?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a repeat',
    () => matchBatch(temp.db, requestsAt(2, 'ns', 'r')),
    [
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a hold in a slot',
    () => matchBatch(temp.db, [{ ...requestOf('s'), slot: 'x', holdSeconds: 1 }]),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>? AND id<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_queue (namespace=? AND rowid<?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a confirmation',
    () =>
      confirm(
        temp.db,
        { namespace: 'ns', requestor: 's', slot: 'x', item: 'B' },
        contextAt(3),
        assumptions,
      ),
    [
      'SEARCH changes',
      'SEARCH events',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a confirmation after the lapse',
    () =>
      confirm(
        temp.db,
        { namespace: 'ns', requestor: 'u', item: 'C' },
        contextAt(9_000),
        assumptions,
      ),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'events_requestor (namespace=? AND requestor=?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a confirmation by a folded requestor',
    () =>
      confirm(
        temp.db,
        { namespace: 'folded', requestor: 'U', item: 'A' },
        contextAt(3),
        assumptions,
      ),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'events_requestor (namespace=? AND requestor=?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a replacement',
    () =>
      replaceMatch(
        temp.db,
        { namespace: 'ns', requestor: 'r', replace: 'A' },
        contextAt(9_001),
        assumptions,
      ),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>? AND id<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_expiring_queue (namespace=?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_queue (namespace=? AND rowid<?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a removal',
    () => change({ remove: ['y'] }),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a release',
    () => change({ release: ['z', { item: 'D', requestor: 'q' }] }),
    [
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'an addition',
    () => change({ add: ['x', 'A'] }),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a change of data',
    () => change({ set: [{ item: 'D', data: '{}' }] }),
    [
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a change with an idempotency key',
    () =>
      change({ add: ['x', 'A'], remove: ['y'], release: ['z'], set: [{ item: 'D' }], idempotency }),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'idempotency_keys_key_unique (namespace=? AND key=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_change (removed_change=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a change that was made before',
    () => findChange(temp.db, { namespace: 'ns', ...idempotency, now: 1 }),
    [
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'idempotency_keys_key_unique (namespace=? AND key=?)',
    ],
  ],
  [
    'deleting idempotency keys',
    () => deleteOldKeys(temp.db, 1 + limits.idempotency.keptMs),
    ['SEARCH idempotency_keys USING INTEGER PRIMARY KEY (rowid=?)', 'idempotency_keys_at (at<?)'],
  ],
  [
    'a replacement of the stock with an idempotency key',
    () =>
      replaceItems(
        temp.db,
        { namespace: 'ns', items: ['A', 'B', 'D', 'E'], removeMatched: false, idempotency },
        contextAt(1),
      ),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'idempotency_keys_key_unique (namespace=? AND key=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_expiring_queue (namespace=?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live (namespace=?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_queue (namespace=?)',
      'items_removed_change (removed_change=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a replacement of the stock',
    () =>
      replaceItems(
        temp.db,
        { namespace: 'ns', items: ['A'], removeMatched: false, dryRun: true },
        contextAt(1),
      ),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_expiring_queue (namespace=?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live (namespace=?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_queue (namespace=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a replacement of all',
    () =>
      replaceItems(
        temp.db,
        { namespace: 'ns', items: ['A'], removeMatched: true, dryRun: true },
        contextAt(1),
      ),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live (namespace=?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'an import',
    () => importRows(temp.db, { ...chunk, rows: ['I'] }, contextAt(1)),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'an import of matches',
    () =>
      importRows(temp.db, { ...chunk, rows: ['K', { item: 'J', requestor: 'j' }] }, contextAt(1)),
    [
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid>?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'items_removed_item (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'stored items',
    () => storedItems(temp.db, { namespace: 'ns', items: ['a', 'b'] }),
    [
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
    ],
  ],
  [
    'counts',
    () => namespaceStats(temp.db, 'ns', 1),
    [
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'counts over time',
    () => statsHistory(temp.db, { namespace: 'ns', from: 0, to: 9, step: 'hour', now: 1 }),
    [
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>? AND at<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'the state of a namespace',
    () => namespaceState(temp.db, 'ns', 1),
    [
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a change of settings',
    () =>
      changeSettings(temp.db, { namespace: 'ns', settings: { requestors: 'exact' } }, contextAt(1)),
    [
      'SCAN hook',
      'SEARCH changes',
      'SEARCH events',
      'SEARCH items',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor>?)',
      'items_removed_requestor (namespace=? AND requestor>?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a page of namespaces',
    () => listNamespaces(temp.db, { after: '', limit: 9, now: 1 }),
    [
      'api_keys_live_namespace (namespace>? AND namespace<?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
      'sqlite_autoindex_namespaces_1 (namespace>? AND namespace<?)',
    ],
  ],
  [
    'a page of batches',
    () => listBatches(temp.db, { namespace: 'ns', limit: 9 }),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_namespace (namespace=? AND rowid<?)',
    ],
  ],
  [
    'the state of a batch',
    () => findBatch(temp.db, 'ns', 'b', 1),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_batch (batch=? AND rowid>?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'taking a batch back',
    () => removeBatch(temp.db, { namespace: 'ns', batch: 'b' }, contextAt(1)),
    [
      'SCAN hook',
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_batch (batch=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'the changes of a namespace',
    () => listHistory(temp.db, { namespace: 'ns', limit: 9 }),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
      'SEARCH later USING INTEGER PRIMARY KEY (rowid>?)',
      'changes_namespace (namespace=? AND rowid<?)',
      'changes_namespace (namespace=? AND rowid>? AND rowid<?)',
      'events_change (change=? AND rowid<?)',
      'items_removed_change (removed_change=? AND rowid<?)',
      'items_removed_item (namespace=? AND item=? AND rowid<?)',
      'sqlite_autoindex_api_keys_1 (id=?) LEFT-JOIN',
    ],
  ],
  [
    'the changes of all namespaces',
    () => listHistory(temp.db, { limit: 9 }),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
      'SEARCH later USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH made USING INTEGER PRIMARY KEY (rowid<?)',
      'SEARCH made USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
      'events_change (change=? AND rowid<?)',
      'items_removed_change (removed_change=? AND rowid<?)',
      'items_removed_item (namespace=? AND item=? AND rowid<?)',
      'sqlite_autoindex_api_keys_1 (id=?) LEFT-JOIN',
    ],
  ],
  [
    'the history of an item',
    () => listHistory(temp.db, { namespace: 'ns', subject: { item: 'A' }, limit: 9 }),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'events_item (namespace=? AND item=? AND ordinal<?)',
      'items_live_item_unique (namespace=? AND item=? AND rowid>?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid<?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'items_removed_item (namespace=? AND item=?)',
      'sqlite_autoindex_api_keys_1 (id=?) LEFT-JOIN',
    ],
  ],
  [
    'the history of a requestor',
    () => listHistory(temp.db, { namespace: 'ns', subject: { requestor: 'r' }, limit: 9 }),
    [
      'SEARCH actors USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH change USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'events_requestor (namespace=? AND requestor=? AND ordinal<?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_live_item_unique (namespace=? AND item=? AND rowid>?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'items_removed_requestor (namespace=? AND requestor=?)',
      'sqlite_autoindex_api_keys_1 (id=?) LEFT-JOIN',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a search for an item in all namespaces',
    () => findTraces(temp.db, { subject: { item: 'A' }, after: '' }),
    [
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=?)',
      'sqlite_autoindex_namespaces_1 (namespace>?)',
    ],
  ],
  [
    'a search for a requestor in all namespaces',
    () => findTraces(temp.db, { subject: { requestor: 'r' }, after: '' }),
    [
      'events_requestor (namespace=? AND requestor=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_removed_requestor (namespace=? AND requestor=?)',
      'sqlite_autoindex_namespaces_1 (namespace>?)',
    ],
  ],
  [
    'forgetting a requestor',
    () => forget(temp.db, { namespace: 'ns', requestor: 'r', as: 'forgotten:1' }, contextAt(4)),
    [
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'events_requestor (namespace=? AND requestor=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'items_removed_requestor (namespace=? AND requestor=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'pruning the history',
    () => pruneHistory(temp.db, 2),
    [
      'SCAN changes',
      'SCAN events',
      'SEARCH changes',
      'SEARCH changes USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid=?)',
    ],
  ],
  [
    'a sweep',
    () => sweep(temp.db, contextAt(20_000)),
    [
      'SCAN pool',
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'idempotency_keys_at (at<?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_expiring_queue (namespace=?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a sweep, when an hour is over',
    () => sweep(temp.db, contextAt(hourMs)),
    [
      'SCAN pool',
      'SEARCH changes',
      'SEARCH events',
      'SEARCH events USING INTEGER PRIMARY KEY (rowid>?)',
      'SEARCH hours USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'idempotency_keys_at (at<?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_expiring_queue (namespace=?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at<?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
    ],
  ],
  [
    'a match, when an hour is over',
    () => matchBatch(temp.db, requestsAt(2 * hourMs, 'folded', 'late')),
    [
      'SEARCH changes',
      'SEARCH events',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_expiring (namespace=? AND expires_at>?)',
      'items_expiring_queue (namespace=? AND id>? AND id<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_live_holder_unique (namespace=? AND requestor=? AND slot=?)',
      'items_queue (namespace=? AND rowid<?)',
      'items_queue (namespace=?)',
      'sqlite_autoindex_hours_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'webhooks_on_stock (on_stock=?)',
    ],
  ],
  [
    'a page of namespaces by what is available',
    () => listNamespaces(temp.db, { after: '', limit: 9, now: 1, order: 'available' }),
    [
      'api_keys_live_namespace (namespace>? AND namespace<?)',
      'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
      'sqlite_autoindex_namespaces_1 (namespace>? AND namespace<?)',
    ],
  ],
  [
    'the keys of a namespace',
    () => listApiKeys(temp.db, { namespace: 'ns' }),
    ['api_keys_live_namespace (namespace=?)'],
  ],
  [
    'the bindings of a key',
    () => listApiKeys(temp.db, { digest: 'd' }),
    ['api_keys_live_binding_unique (digest=?)'],
  ],
  [
    'keys by their digests',
    () => findApiKeys(temp.db, ['d', 'e']),
    ['api_keys_live_binding_unique (digest=?)'],
  ],
  [
    'a page of keys',
    () => listApiKeys(temp.db, { namespace: 'ns', after: 'key_1', limit: 2 }),
    [
      'api_keys_live_namespace (namespace=? AND created_at>?)',
      'sqlite_autoindex_api_keys_1 (id=?)',
    ],
  ],
  [
    'deleting a binding',
    () => deleteApiKeys(temp.db, { idOrKey: 'key_1', namespace: undefined }, contextAt(1)),
    ['SEARCH changes', 'SEARCH events', 'SEARCH items', 'sqlite_autoindex_api_keys_1 (id=?)'],
  ],
  [
    'deleting a key',
    () => deleteApiKeys(temp.db, { idOrKey: 'zaas_1', namespace: undefined }, contextAt(1)),
    ['SEARCH changes', 'SEARCH events', 'SEARCH items', 'api_keys_live_binding_unique (digest=?)'],
  ],
])('%s finds its rows by these indices', async (_, action, lookups) => {
  expect(await lookupsOf(action)).toEqual(lookups)
})

test.each<[filter: ItemFilter, lookups: string[]]>([
  [
    {},
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live (namespace=? AND rowid<?)',
      'items_live (namespace=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { status: 'available' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring_queue (namespace=? AND id>? AND id<?)',
      'items_expiring_queue (namespace=? AND id>?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'items_queue (namespace=? AND rowid<?)',
      'items_queue (namespace=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { status: 'matched' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_holder_unique (namespace=? AND requestor>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { status: 'held' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_held (namespace=? AND held_until>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { status: 'expired' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
      'items_held (namespace=? AND held_until>? AND held_until<?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { status: 'removed' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed (namespace=? AND rowid<?)',
      'items_removed (namespace=? AND rowid>?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { item: 'a' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item=? AND rowid<?)',
      'items_live_item_unique (namespace=? AND item=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { item: 'a', status: 'removed' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid<?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { requestor: 'r' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_holder_unique (namespace=? AND requestor=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { requestor: 'r', status: 'removed' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'items_removed_requestor (namespace=? AND requestor=? AND rowid<?)',
      'items_removed_requestor (namespace=? AND requestor=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { batch: 'b' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_batch (batch=? AND rowid<?)',
      'items_batch (batch=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { batch: 'b', status: 'removed' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'batches_batch_unique (namespace=? AND batch=?)',
      'items_batch (batch=? AND rowid<?)',
      'items_batch (batch=? AND rowid>?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { prefix: 'a' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item>? AND item<?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
  [
    { prefix: 'a', status: 'removed' },
    [
      'SEARCH batches USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)',
      'items_live_item_unique (namespace=? AND item=?)',
      'items_removed_item (namespace=? AND item=? AND rowid>?)',
      'items_removed_item (namespace=? AND item>? AND item<?)',
      'sqlite_autoindex_namespaces_1 (namespace=?) LEFT-JOIN',
    ],
  ],
])('a page of %j comes from these indices, in both orders', async (filter, lookups) => {
  const read = async () => {
    for (const order of ['asc', 'desc'] as const)
      await listItems(temp.db, { namespace: 'ns', ...filter, limit: 10, order, now: 1 })
  }
  expect(await lookupsOf(read)).toEqual(lookups)
})

describe('webhooks', () => {
  const webhook = 'whk_1' as const
  const staged = { webhook, namespace: 'ns', event: 'stock.low', payload: '{}' } as const

  beforeAll(async () => {
    const receiver = { url: 'https://1.1.1.1/', namespaces: null, secret: 'whsec_MQ==' }
    await createWebhook(temp.db, { id: webhook, ...receiver, events: ['stock.low'] }, contextAt(1))
    await temp.db.write([deliveriesOfEveryKind(rowsBeside)])
    await testWebhook(temp.db, webhook, contextAt(2))
  }, fillMaxMs)

  /** Many that are done, and that wait for a later time. */
  const deliveriesOfEveryKind = (count: number): Statement => ({
    sql: `WITH RECURSIVE n(n) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
          INSERT INTO deliveries (message, webhook, namespace, event, at, payload, status, next_attempt_at)
          SELECT 'many-' || n, ?2, ?3, ?4, 1e13, ?5, iif(n % 2, 'pending', 'failed'), iif(n % 2, 1e13, NULL)
          FROM n`,
    params: [count, staged.webhook, staged.namespace, staged.event, staged.payload],
  })

  const write = (statements: Statement[]) => () =>
    temp.db.write(statements.map(({ sql, params }) => ({ sql: `${sql} `, params })))
  const attempt: Attempt = {
    number: 1,
    webhook,
    lease: '',
    status: 'failed',
    httpStatus: 410,
    nextAttemptAt: null,
    gone: true,
  }

  // Of webhooks there are few, and the last items are looked at until one is older.
  test.each<[name: string, action: () => Promise<unknown>, lookups: string[]]>([
    [
      'telling of stock',
      write(tellStock('ns', 1)),
      [
        'SCAN hook',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid>?)',
        'deliveries_webhook (webhook=? AND rowid>?)',
        'items_expiring (namespace=? AND expires_at=? AND rowid>?)',
        'items_expiring (namespace=? AND expires_at>? AND expires_at<?)',
        'items_removed_item (namespace=?)',
        'sqlite_autoindex_hours_1 (namespace=? AND at>?)',
        'sqlite_autoindex_namespaces_1 (namespace=?)',
        'sqlite_autoindex_webhooks_1 (id=?)',
        'webhooks_on_stock (on_stock=?)',
      ],
    ],
    [
      'telling of removals',
      write(stageRemoved('ns', 1)),
      [
        'SCAN hook',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid>?)',
        'deliveries_webhook (webhook=? AND rowid>?)',
        'sqlite_autoindex_webhooks_1 (id=?)',
      ],
    ],
    [
      'telling of releases',
      write(stageReleased('ns', 1)),
      [
        'SCAN hook',
        'SCAN items',
        'SEARCH changes',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid>?)',
        'SEARCH items USING INTEGER PRIMARY KEY (rowid>?)',
        'deliveries_webhook (webhook=? AND rowid>?)',
        'sqlite_autoindex_webhooks_1 (id=?)',
      ],
    ],
    [
      'a page of deliveries',
      () => listDeliveries(temp.db, { webhook, limit: 9 }),
      ['deliveries_webhook (webhook=? AND rowid<?)', 'sqlite_autoindex_webhooks_1 (id=?)'],
    ],
    [
      'a retry',
      () => retryDelivery(temp.db, { webhook, delivery: 'none' }, contextAt(3)),
      ['deliveries_message_unique (message=?)', 'sqlite_autoindex_webhooks_1 (id=?)'],
    ],
    [
      'a test event',
      () => testWebhook(temp.db, webhook, contextAt(3)),
      ['sqlite_autoindex_webhooks_1 (id=?)'],
    ],
    ['what waits', () => webhookBacklog(temp.db), ['SCAN hook', 'deliveries_waiting (webhook=?)']],
    [
      'what is due',
      () => leaseDeliveries(temp.db, { limit: 9, sending: {} }, contextAt(4)),
      [
        'SCAN hook USING INDEX sqlite_autoindex_webhooks_1',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)',
        'SEARCH delivery USING INTEGER PRIMARY KEY (rowid=?)',
        'deliveries_due (webhook=? AND next_attempt_at<?)',
        'sqlite_autoindex_webhooks_1 (id=?)',
      ],
    ],
    [
      'what became of tries',
      () => recordAttempts(temp.db, [attempt], contextAt(5)),
      [
        'SEARCH changes',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)',
        'SEARCH delivery USING INTEGER PRIMARY KEY (rowid=?)',
        'SEARCH events',
        'SEARCH items',
        'sqlite_autoindex_webhooks_1 (id=?)',
      ],
    ],
    [
      'what is forgotten',
      () => tidyWebhooks(temp.db, contextAt(1e12)),
      [
        'SCAN hook',
        'SCAN webhooks',
        'SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)',
        'deliveries_done (at<?)',
        'deliveries_waiting (webhook=? AND at<?)',
        'deliveries_waiting (webhook=?)',
        'deliveries_webhook (webhook=?)',
      ],
    ],
  ])('%s finds its rows by these indices', async (_, action, lookups) => {
    expect(await lookupsOf(action)).toEqual(lookups)
  })
})
