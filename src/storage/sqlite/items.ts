// Lists of items. A list in descending order reads the same indices backwards.

import { and, asc, desc, eq, gt, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
import type { ItemFilter, ItemLookup, ItemPage, ItemQuery } from '../../domain/item.ts'
import type { Database } from './database.ts'
import { items, namespaceStats } from './schema.ts'

export async function listItems(db: Database, query: ItemQuery): Promise<ItemPage> {
  const { limit } = query
  const rows = await db.select(pageQuery(db, { ...query, limit: limit + 1 }))
  const page = rows.slice(0, limit)
  return {
    items: page.map(({ id: _, ...listed }) => listed),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
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

function pageQuery(db: Database, { namespace, after, limit, order, ...filter }: ItemQuery) {
  const [range, sort] = order === 'desc' ? [{ below: after }, desc] : [{ above: after }, asc]
  return liveRows(db, namespace, filter, range).orderBy(sort(items.id)).limit(limit)
}

type IdRange = { above?: number | SQL | undefined; below?: number | SQL | undefined }

/** Available rows behind the queue head are in an index of their own, so lists with them merge two indices. */
function liveRows(
  db: Database,
  namespace: string,
  { item, requestor, status }: ItemFilter,
  range: IdRange,
) {
  const live = ({ above, below }: IdRange, ...conditions: (SQL | undefined)[]) =>
    db.orm
      .select(columns)
      .from(items)
      .where(
        and(
          eq(items.namespace, namespace),
          isNull(items.deletedAt),
          above === undefined ? undefined : gt(items.id, above),
          below === undefined ? undefined : lt(items.id, below),
          ...conditions,
        ),
      )
  if (item !== undefined || requestor !== undefined) {
    return live(
      range,
      item === undefined ? undefined : eq(items.item, item),
      requestor === undefined ? undefined : eq(items.requestor, requestor),
      status && sql`(${items.requestor} IS NULL) = ${status === 'available' ? 1 : 0}`,
    )
  }
  const inQueue = isNull(items.behindHead)
  const queueHead = db.orm
    .select({ queueHead: namespaceStats.queueHead })
    .from(namespaceStats)
    .where(eq(namespaceStats.namespace, namespace))
  if (status === 'matched') {
    const below = sql`min(${range.below ?? Number.MAX_SAFE_INTEGER}, ${queueHead})`
    return live({ ...range, below }, inQueue)
  }
  const above = sql`max(${range.above ?? 0}, ${queueHead} - 1)`
  return unionAll(
    live(status === 'available' ? { ...range, above } : range, inQueue),
    live(range, isNotNull(items.behindHead)),
  )
}

const columns = {
  id: items.id,
  item: items.item,
  requestor: items.requestor,
  matchedAt: items.matchedAt,
  createdAt: items.createdAt,
}
