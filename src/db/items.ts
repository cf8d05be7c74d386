import { and, asc, desc, eq, gt, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'
import { items, namespaceStats } from './schema.ts'

export type ListedItem = {
  item: string
  requestor: string | null
  matchedAt: number | null
  createdAt: number
}

export type ItemFilter = {
  item?: string | undefined
  requestor?: string | undefined
  status?: 'available' | 'matched' | undefined
}

/** Where a page begins: behind the row `after`, or at the end that `order` names first. */
export type PageStart = {
  after?: number | undefined
  limit: number
  order?: 'asc' | 'desc' | undefined
}

/** `next` is what to pass as `after` for the page that follows, or null at the end. */
export type Page = { page: ListedItem[]; next: number | null }

/**
 * One page of the live items, at most `limit`, in the order they were added, or with `order` `desc` from
 * the end of the queue: the same indices, read backwards.
 */
export async function listItems(
  db: Database,
  namespace: string,
  filter: ItemFilter,
  { after, limit, order }: PageStart,
): Promise<Page> {
  const rows = await db.select(pageQuery(db, namespace, filter, { after, limit: limit + 1, order }))
  const page = rows.slice(0, limit)
  return {
    page: page.map(({ id: _, ...listed }) => listed),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  }
}

function pageQuery(
  db: Database,
  namespace: string,
  filter: ItemFilter,
  { after, limit, order }: PageStart,
) {
  const [range, sorted] = order === 'desc' ? [{ below: after }, desc] : [{ above: after }, asc]
  return liveRows(db, namespace, filter, range).orderBy(sorted(items.id)).limit(limit)
}

type IdRange = { above?: number | SQL | undefined; below?: number | SQL | undefined }

/** What was passed over has an index of its own, so that lists with it read two, and merge them. */
function liveRows(
  db: Database,
  namespace: string,
  { item, requestor, status }: ItemFilter,
  range: IdRange,
) {
  const live = ({ above, below }: IdRange, ...further: (SQL | undefined)[]) =>
    db.orm
      .select(columns)
      .from(items)
      .where(
        and(
          eq(items.namespace, namespace),
          isNull(items.deletedAt),
          above === undefined ? undefined : gt(items.id, above),
          below === undefined ? undefined : lt(items.id, below),
          ...further,
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
  const inTurn = isNull(items.passedOver)
  const queueStart = db.orm
    .select({ queueStart: namespaceStats.queueStart })
    .from(namespaceStats)
    .where(eq(namespaceStats.namespace, namespace))
  if (status === 'matched') {
    const below = sql`min(${range.below ?? Number.MAX_SAFE_INTEGER}, ${queueStart})`
    return live({ ...range, below }, inTurn)
  }
  const above = sql`max(${range.above ?? 0}, ${queueStart} - 1)`
  return unionAll(
    live(status === 'available' ? { ...range, above } : range, inTurn),
    live(range, isNotNull(items.passedOver)),
  )
}

const columns = {
  id: items.id,
  item: items.item,
  requestor: items.requestor,
  matchedAt: items.matchedAt,
  createdAt: items.createdAt,
}
