import { and, eq, gt, isNull, sql } from 'drizzle-orm'
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

/** `next` is what to pass as `after` for the page that follows, or null at the end. */
export type Page = { page: ListedItem[]; next: number | null }

/**
 * One page of the live items in the order they were added: at most `limit`, those after the row `after`.
 */
export async function listItems(
  db: Database,
  namespace: string,
  filter: ItemFilter,
  { after, limit }: { after: number; limit: number },
): Promise<Page> {
  const rows = await db.select(pageQuery(db, namespace, filter, { after, limit: limit + 1 }))
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
  { after, limit }: { after: number; limit: number },
) {
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
        gt(items.id, after),
      ),
    )
    .orderBy(items.id)
    .limit(limit)
}
