// Lists of items. A list in descending order reads the same indices backwards.

import type {
  ItemFilter,
  ItemLookup,
  ItemPage,
  ItemQuery,
  ItemStatus,
  ListedItem,
} from '../../../domain/item.ts'
import { itemStatuses } from '../../../domain/item.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import { limits } from '../../../limits.ts'
import type { Database } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { numberOrNull, textOrNull } from '../drivers/client.ts'
import { expiryThreshold } from '../records/time.ts'
import { foldsRequestors } from './namespaces.ts'

/**
 * Reads the rows of one source in its order, and leaves out what the rest of the filter does not want. Where that
 * is nearly all, a page may have fewer items than `limit` although there is a next one.
 */
export async function listItems(db: Database, query: ItemQuery): Promise<ItemPage> {
  const filter = await comparedFilter(db, query)
  const source = sourceOf(filter, await areMany(db, query))
  const untilMs = performance.now() + limits.lists.pageMs
  const found: Listed[] = []
  for (let { after } = query; ; ) {
    const rows = await readRows(db, { ...query, after }, source)
    found.push(...rows.filter((row) => isWanted(row, filter)))
    const isLast = rows.length < rowsToRead(query, source)
    if (found.length > query.limit || isLast || performance.now() > untilMs) {
      const page = found.slice(0, query.limit)
      const last = found.length > query.limit ? page.at(-1) : isLast ? undefined : rows.at(-1)
      return { items: page.map(({ listed }) => listed), next: last?.position ?? null }
    }
    after = rows.at(-1)?.position
  }
}

/** Looks up each item among the live rows and among the removed ones. */
export async function storedItems(
  db: Database,
  { namespace, items }: ItemLookup,
): Promise<string[]> {
  const { rows } = await db.read({
    sql: `SELECT value AS item FROM json_each(?2)
          WHERE EXISTS (SELECT 1 FROM items WHERE namespace = ?1 AND item = value AND deleted_at IS NULL)
            OR EXISTS (SELECT 1 FROM items WHERE namespace = ?1 AND item = value AND deleted_at IS NOT NULL)`,
    params: [namespace, JSON.stringify(items)],
  })
  return rows.map(({ item }) => String(item))
}

type Listed = { listed: ListedItem; position: string; comparedRequestor: string | null }

/** One more than the page, to see whether there is a next one. */
const rowsToRead = ({ limit }: ItemQuery, { exact }: Source) =>
  exact ? limit + 1 : Math.max(limit + 1, limits.lists.sievedRows)

/** Whether what the list is of, as far as it was counted, is too much to be sorted: an index has it in another order. */
async function areMany(db: Database, { namespace, status }: ItemQuery): Promise<boolean> {
  if (status === undefined || status === 'available' || status === 'removed') return false
  const { rows } = await db.read({
    sql: 'SELECT matched + held AS taken, expired FROM namespaces WHERE namespace = ?1',
    params: [namespace],
  })
  const counted = rows[0]?.[status === 'expired' ? 'expired' : 'taken']
  return Number(counted ?? 0) > limits.lists.sortedRows
}

/** The filter with its requestor in the form in which the namespace compares requestors. */
async function comparedFilter(
  db: Database,
  { namespace, item, requestor, status, batch, prefix }: ItemQuery,
): Promise<ItemFilter> {
  const folds = requestor !== undefined && (await foldsRequestors(db, namespace))
  return { item, requestor: folds ? foldRequestor(requestor) : requestor, status, batch, prefix }
}

function isWanted({ listed, comparedRequestor }: Listed, filter: ItemFilter): boolean {
  const { item = listed.item, requestor = comparedRequestor, prefix = '' } = filter
  const { status = listed.status, batch = listed.batch } = filter
  return (
    listed.item === item &&
    listed.item.startsWith(prefix) &&
    comparedRequestor === requestor &&
    listed.status === status &&
    listed.batch === batch
  )
}

async function readRows(db: Database, query: ItemQuery, source: Source): Promise<Listed[]> {
  const { namespace, now, after, order = 'asc' } = query
  const [beyond, from] =
    order === 'asc'
      ? ['>', source.byItem ? '' : 0]
      : ['<', source.byItem ? '\u{10ffff}' : Number.MAX_SAFE_INTEGER]
  const position = after === undefined ? from : source.byItem ? after : Number(after)
  const { rows } = await db.read({
    sql: `SELECT items.id AS id, items.item AS item, ifnull(requestor_shown, requestor) AS requestor,
            requestor AS compared, slot, data, matched_at, held_until, expires_at, created_at,
            batches.batch AS batch, ${statusSql} AS status
          FROM (${source.sql(`${beyond} ?3`)} ORDER BY ${source.byItem ? 'item' : 'id'} ${order} LIMIT ?4) AS found
          CROSS JOIN items ON items.id = found.id
          LEFT JOIN batches ON batches.id = items.batch
          LEFT JOIN namespaces AS pool ON pool.namespace = ?1
          ORDER BY ${source.byItem ? 'items.item' : 'items.id'} ${order}`,
    params: [namespace, now, position, rowsToRead(query, source), ...source.params],
  })
  return rows.map((row) => toListed(row, source, now))
}

function toListed(row: Row, { byItem }: Source, now: number): Listed {
  const item = String(row['item'])
  const heldUntil = numberOrNull(row['held_until'])
  const status = itemStatuses.find((each) => each === row['status']) ?? 'available'
  // Who held an item whose hold has lapsed has nothing.
  const taken = row['compared'] !== null && (heldUntil === null || heldUntil > now)
  return {
    listed: {
      item,
      requestor: taken ? textOrNull(row['requestor']) : null,
      slot: taken && row['slot'] !== '' ? String(row['slot']) : null,
      data: textOrNull(row['data']),
      matchedAt: taken ? numberOrNull(row['matched_at']) : null,
      heldUntil: taken ? heldUntil : null,
      expiresAt: numberOrNull(row['expires_at']),
      createdAt: Number(row['created_at']),
      batch: textOrNull(row['batch']),
      status,
    },
    position: byItem ? item : String(row['id']),
    comparedRequestor: taken ? textOrNull(row['compared']) : null,
  }
}

// In all SQL below, ?1 is the namespace, ?2 the time, and `pool` the row of the namespace.
const statusSql = `CASE
    WHEN deleted_at IS NOT NULL THEN 'removed'
    WHEN requestor IS NOT NULL AND held_until IS NULL THEN 'matched'
    WHEN held_until > ?2 THEN 'held'
    WHEN expires_at <= ${expiryThreshold} THEN 'expired'
    ELSE 'available' END`

/** Where rows are read from: SQL for their ids from a position on, with the parameters from ?5 on. */
type Source = {
  sql: (range: string) => string
  params: readonly (string | number)[]
  /** In the order of items, and not of ids. */
  byItem: boolean
  /** Whether it has no rows that the rest of the filter leaves out. */
  exact: boolean
}

/** The index that leaves the fewest rows to look at. */
function sourceOf(filter: ItemFilter, many: boolean): Source {
  const { item, requestor, status, batch, prefix } = filter
  const removed = status === 'removed'
  const lookup = { byItem: false, exact: false }
  if (prefix !== undefined) return prefixed(prefix, removed)
  if (item !== undefined) return { ...lookup, sql: (range) => one(removed, range), params: [item] }
  if (requestor !== undefined)
    return { ...lookup, sql: (range) => ofRequestor(removed, range), params: [requestor] }
  if (batch !== undefined)
    return { ...lookup, sql: (range) => ofBatch(removed, range), params: [batch] }
  const sources = status === undefined ? [liveIds] : many ? walked(status) : byStatus[status]
  return {
    sql: (range) =>
      sources.map((source) => `SELECT id FROM (${source} AND id ${range})`).join(' UNION ALL '),
    params: [],
    byItem: false,
    exact: !many,
  }
}

const live = 'namespace = ?1 AND deleted_at IS NULL'
const ended = 'namespace = ?1 AND deleted_at IS NOT NULL'
const queue = `SELECT id FROM items INDEXED BY items_queue WHERE ${live} AND requestor IS NULL AND expires_at IS NULL`
const expiring = (condition = 'true') =>
  `SELECT id FROM items INDEXED BY items_expiring_queue
   WHERE ${live} AND requestor IS NULL AND expires_at IS NOT NULL AND ${condition}`
const liveIds = `SELECT id FROM items INDEXED BY items_live WHERE ${live}`
const held = (condition: string) =>
  `SELECT id FROM items INDEXED BY items_held WHERE ${live} AND held_until IS NOT NULL AND ${condition}`
const thresholdNow = `(SELECT ${expiryThreshold} FROM namespaces AS pool WHERE namespace = ?1)`

/** The latest row of an item that is not live. */
export const latestEnded = `NOT EXISTS (
    SELECT 1 FROM items AS later INDEXED BY items_live_item_unique
    WHERE later.namespace = ?1 AND later.item = items.item AND later.deleted_at IS NULL
  ) AND NOT EXISTS (
    SELECT 1 FROM items AS later INDEXED BY items_removed_item
    WHERE later.namespace = ?1 AND later.item = items.item AND later.deleted_at IS NOT NULL AND later.id > items.id
  )`

const lapsedExpired = held(`held_until <= ?2 AND expires_at <= ${thresholdNow}`)

/** What is walked in the order of ids, and has more than the list is of. */
const walked = (status: ItemStatus): string[] =>
  status === 'expired' ? [expiring(), lapsedExpired] : [liveIds]

const byStatus: Record<ItemStatus, string[]> = {
  available: [
    queue,
    expiring(
      `id >= (SELECT expiring_head FROM namespaces WHERE namespace = ?1) AND expires_at > ${thresholdNow}`,
    ),
    held(`held_until <= ?2 AND ifnull(expires_at > ${thresholdNow}, 1)`),
  ],
  matched: [
    `SELECT id FROM items INDEXED BY items_live_holder_unique
     WHERE ${live} AND requestor IS NOT NULL AND held_until IS NULL`,
  ],
  held: [held('held_until > ?2')],
  expired: [
    `SELECT id FROM items INDEXED BY items_expiring
     WHERE ${live} AND requestor IS NULL AND expires_at IS NOT NULL AND expires_at <= ${thresholdNow}`,
    lapsedExpired,
  ],
  removed: [
    `SELECT id FROM items INDEXED BY items_removed
     WHERE ${ended} AND end_kind IS NOT 'released' AND ${latestEnded}`,
  ],
}

const one = (removed: boolean, range: string) =>
  removed
    ? `SELECT id FROM items INDEXED BY items_removed_item WHERE ${ended} AND item = ?5 AND ${latestEnded} AND id ${range}`
    : `SELECT id FROM items INDEXED BY items_live_item_unique WHERE ${live} AND item = ?5 AND id ${range}`

const ofRequestor = (removed: boolean, range: string) =>
  removed
    ? `SELECT id FROM items INDEXED BY items_removed_requestor
       WHERE ${ended} AND requestor IS NOT NULL AND requestor = ?5 AND ${latestEnded} AND id ${range}`
    : `SELECT id FROM items INDEXED BY items_live_holder_unique
       WHERE ${live} AND requestor IS NOT NULL AND requestor = ?5 AND id ${range}`

const ofBatch = (removed: boolean, range: string) =>
  `SELECT id FROM items INDEXED BY items_batch
   WHERE batch = (SELECT id FROM batches WHERE namespace = ?1 AND batch = ?5) AND id ${range}
     AND ${removed ? `deleted_at IS NOT NULL AND ${latestEnded}` : 'deleted_at IS NULL'}`

const prefixed = (prefix: string, removed: boolean): Source => ({
  sql: (range) =>
    `SELECT id, item FROM items INDEXED BY ${removed ? 'items_removed_item' : 'items_live_item_unique'}
     WHERE ${removed ? `${ended} AND ${latestEnded}` : live}
       AND item >= ?5 AND item < ?6 AND item ${range}`,
  params: [prefix, `${prefix}\u{10ffff}`],
  byItem: true,
  exact: false,
})
