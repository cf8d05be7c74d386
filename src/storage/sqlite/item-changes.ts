// Changes to the stock of a namespace, each of them one write batch.

import type { WriteContext } from '../../domain/actor.ts'
import {
  type AddPreview,
  countOf,
  type ItemChanges,
  type ItemList,
  type ItemReplacement,
  type ItemsChanged,
  type ItemsReplaced,
  isListText,
  itemsOf,
  type ListText,
} from '../../domain/item.ts'
import { limits } from '../../limits.ts'
import type { Database, Statement } from './database.ts'
import type { Result } from './drivers/client.ts'
import { availableIds } from './queue.ts'

export async function changeItems(
  db: Database,
  { namespace, restore = true, ...lists }: ItemChanges,
  { now }: WriteContext,
): Promise<ItemsChanged> {
  const add = distinct(lists.add)
  const remove = distinct(lists.remove)
  const release = distinct(lists.release)
  const [removed, released, , , restored, added, conflicts] = await db.bulkWrite([
    removeListed(namespace, remove.json, now),
    copyReleased(namespace, release.json, now),
    retireReleased(namespace, release.json, now),
    queueReleased(namespace, release.json),
    ...addListed(namespace, add.json, { now, restore }),
  ])
  return withUnchanged(add.count + remove.count + release.count, {
    added: added?.rowsAffected ?? 0,
    restored: restored?.rowsAffected ?? 0,
    removed: removed?.rowsAffected ?? 0,
    released: released?.rowsAffected ?? 0,
    conflicts: conflictsIn(conflicts),
  })
}

/** Reads in one snapshot; what is restored here is what `restoreRemoved` would restore. */
export async function previewAdd(
  db: Database,
  { namespace, add, restore = true }: AddPreview,
): Promise<ItemsChanged> {
  const list = distinct(add)
  const { rows } = await db.read(previewAdded(namespace, list.json, restore ? list.json : '[]'))
  const counts = { removed: 0, released: 0 }
  const items = (becomes: string) =>
    rows.filter((row) => row['becomes'] === becomes).map((row) => String(row['item']))
  const [added, restored] = [items('added').length, items('restored').length]
  return withUnchanged(list.count, { ...counts, added, restored, conflicts: items('conflict') })
}

export async function replaceItems(
  db: Database,
  { namespace, items, removeMatched }: ItemReplacement,
  { now }: WriteContext,
): Promise<ItemsReplaced> {
  const stock = distinct(items)
  const [removed, kept, restored, added, conflicts] = await db.bulkWrite([
    removeUnlisted(namespace, stock.json, { removeMatched, now }),
    countUnlisted(namespace, stock.json),
    ...addListed(namespace, stock.json, { now, restore: true }),
  ])
  const change = {
    added: added?.rowsAffected ?? 0,
    restored: restored?.rowsAffected ?? 0,
    removed: 0,
    released: 0,
    conflicts: conflictsIn(conflicts),
  }
  return {
    ...withUnchanged(stock.count, change),
    removed: removed?.rowsAffected ?? 0,
    kept: Number(kept?.rows[0]?.['kept'] ?? 0),
  }
}

/** Three statements, whose results are the restored items, the new items and the conflicts. */
const addListed = (
  namespace: string,
  list: string,
  { now, restore }: { now: number; restore: boolean },
): Statement[] => [
  restoreRemoved(namespace, restore ? list : '[]'),
  insertNew(namespace, list, now),
  findConflicts(namespace, list),
]

/** The distinct values as JSON, which is how the statements take a list, and their number. */
function distinct(list: ItemList): ListText {
  if (isListText(list)) return list
  const unique = [...new Set(list)]
  return { json: JSON.stringify(unique), count: unique.length }
}

/** Many conflicts stay the text that SQLite wrote, which no thread of this process has to parse. */
function conflictsIn(result: Result | undefined): ItemList {
  const row = result?.rows[0]
  const text = { json: String(row?.['items'] ?? '[]'), count: Number(row?.['count'] ?? 0) }
  return text.json.length > limits.http.countedBodyMinBytes ? text : itemsOf(text)
}

function withUnchanged(listed: number, change: Omit<ItemsChanged, 'unchanged'>): ItemsChanged {
  const changed = change.added + change.restored + change.removed + change.released
  return { ...change, unchanged: listed - changed - countOf(change.conflicts) }
}

const isLive =
  'EXISTS (SELECT 1 FROM items WHERE namespace = ?1 AND item = value AND deleted_at IS NULL)'
const wasRemoved =
  'EXISTS (SELECT 1 FROM items WHERE namespace = ?1 AND item = value AND deleted_at IS NOT NULL)'

/** One row if the namespace has removed items, else none: then the joins with it look nothing up. */
const oneRowIfAnyRemoved =
  '(SELECT 1 WHERE EXISTS (SELECT 1 FROM items WHERE namespace = ?1 AND deleted_at IS NOT NULL))'

const removeListed = (namespace: string, list: string, now: number): Statement => ({
  sql: `UPDATE items SET deleted_at = ?3
        WHERE namespace = ?1 AND deleted_at IS NULL AND item IN (SELECT value FROM json_each(?2))`,
  params: [namespace, list, now],
})

const removeUnlisted = (
  namespace: string,
  list: string,
  { removeMatched, now }: { removeMatched: boolean; now: number },
): Statement => ({
  sql: `UPDATE items SET deleted_at = ?3
        WHERE ${removeMatched ? 'namespace = ?1 AND deleted_at IS NULL' : `id IN (${availableIds('?1')}) AND requestor IS NULL`}
          AND item NOT IN (SELECT value FROM json_each(?2))`,
  params: [namespace, list, now],
})

const countUnlisted = (namespace: string, list: string): Statement => ({
  sql: `SELECT count(*) AS kept FROM items
        WHERE namespace = ?1 AND deleted_at IS NULL AND requestor IS NOT NULL
          AND item NOT IN (SELECT value FROM json_each(?2))`,
  params: [namespace, list],
})

// A release takes three steps. The old row stays, soft-deleted, as the history of the match, and a new row
// goes to the end of the queue. As both must not be live at once, the new row is inserted as removed, at time
// 0, and becomes live once the old one is soft-deleted.
const copyReleased = (namespace: string, list: string, now: number): Statement => ({
  sql: `INSERT INTO items (namespace, item, created_at, deleted_at)
        SELECT ?1, value, ?3, 0
        FROM json_each(?2) JOIN items ON namespace = ?1 AND item = value AND deleted_at IS NULL
        WHERE requestor IS NOT NULL
        ORDER BY key`,
  params: [namespace, list, now],
})

// The + keeps the planner from going through all matched items instead of the list.
const retireReleased = (namespace: string, list: string, now: number): Statement => ({
  sql: `UPDATE items SET deleted_at = ?3
        WHERE namespace = ?1 AND deleted_at IS NULL AND +requestor IS NOT NULL
          AND item IN (SELECT value FROM json_each(?2))`,
  params: [namespace, list, now],
})

const queueReleased = (namespace: string, list: string): Statement => ({
  sql: `UPDATE items SET deleted_at = NULL
        WHERE namespace = ?1 AND deleted_at IS NOT NULL AND deleted_at = 0
          AND item IN (SELECT value FROM json_each(?2))`,
  params: [namespace, list],
})

// The latest row of an item is the one with the highest id. It is restored as it was, unless its requestor
// would then hold two items; of several items of one requestor, the first in the list is restored. Here and
// below, `wasRemoved` comes first, because the index of removed items is small.
const restorable = `removed AS MATERIALIZED (
          SELECT key AS place, (
            SELECT max(id) FROM items
            WHERE namespace = ?1 AND item = value AND deleted_at IS NOT NULL
          ) AS id
          FROM ${oneRowIfAnyRemoved} CROSS JOIN json_each(?2)
          WHERE ${wasRemoved} AND NOT ${isLive}
        ), restorable AS MATERIALIZED (
          SELECT id, requestor, row_number() OVER (PARTITION BY requestor ORDER BY place) AS turn
          FROM removed JOIN items USING (id)
          WHERE NOT EXISTS (
            SELECT 1 FROM items AS held
            WHERE held.namespace = ?1 AND held.requestor = items.requestor AND held.deleted_at IS NULL
          )
        )`
const restored = 'SELECT id FROM restorable WHERE requestor IS NULL OR turn = 1'

const restoreRemoved = (namespace: string, list: string): Statement => ({
  sql: `WITH ${restorable}
        UPDATE items SET deleted_at = NULL
        WHERE id IN (${restored})`,
  params: [namespace, list],
})

/** `list` is what is to be added, and `restoring` what of it may be restored. */
const previewAdded = (namespace: string, list: string, restoring: string): Statement => ({
  sql: `WITH ${restorable}, restored AS MATERIALIZED (
          SELECT item FROM items WHERE id IN (${restored})
        )
        SELECT value AS item, CASE
          WHEN NOT ${wasRemoved} THEN 'added'
          WHEN value IN (SELECT item FROM restored) THEN 'restored'
          ELSE 'conflict' END AS becomes
        FROM json_each(?3) WHERE NOT ${isLive}`,
  params: [namespace, restoring, list],
})

// An item that was ever removed is live again at this point, or it conflicts.
const insertNew = (namespace: string, list: string, now: number): Statement => ({
  sql: `INSERT INTO items (namespace, item, created_at)
        SELECT ?1, value, ?3 FROM json_each(?2)
        WHERE NOT ${wasRemoved}
        ORDER BY key
        ON CONFLICT (namespace, item) WHERE deleted_at IS NULL DO NOTHING`,
  params: [namespace, list, now],
})

const findConflicts = (namespace: string, list: string): Statement => ({
  // sqld does not parse ORDER BY inside an aggregate. SQLite reads the subquery in its order.
  sql: `SELECT json_group_array(value) AS items, count(*) AS count FROM (
          SELECT value FROM ${oneRowIfAnyRemoved} CROSS JOIN json_each(?2)
          WHERE ${wasRemoved} AND NOT ${isLive}
          ORDER BY key
        )`,
  params: [namespace, list],
})
