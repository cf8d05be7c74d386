import { and, asc, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { items } from './schema.ts'

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
 * the end of the queue: the same index, read backwards.
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
  { item, requestor, status }: ItemFilter,
  { after, limit, order }: PageStart,
) {
  const [behind, sorted] = order === 'desc' ? [lt, desc] : [gt, asc]
  return db.orm
    .select({
      id: items.id,
      item: items.item,
      requestor: items.requestor,
      matchedAt: items.matchedAt,
      createdAt: items.createdAt,
    })
    .from(items)
    .where(
      and(
        eq(items.namespace, namespace),
        isNull(items.deletedAt),
        item === undefined ? undefined : eq(items.item, item),
        requestor === undefined ? undefined : eq(items.requestor, requestor),
        status && sql`(${items.requestor} IS NULL) = ${status === 'available' ? 1 : 0}`,
        after === undefined ? undefined : behind(items.id, after),
      ),
    )
    .orderBy(sorted(items.id))
    .limit(limit)
}
