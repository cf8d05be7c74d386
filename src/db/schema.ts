import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/**
 * A row is one life of an item. A row is live while `deleted_at` is null and available while it is
 * live and `requestor` is null. Rows are never deleted: `remove` sets `deleted_at`, `release` sets it
 * and adds a new row at the end of the queue, so the highest id of an item is its present state.
 * Ids only grow, so they are the order in which items were added. Times are Unix milliseconds.
 */
export const items = sqliteTable(
  'items',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    item: text('item').notNull(),
    requestor: text('requestor'),
    matchedAt: integer('matched_at'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    // Invariant: an item is live at most once. Serves: is this item live?
    uniqueIndex('items_live_item_unique')
      .on(table.namespace, table.item)
      .where(sql`deleted_at IS NULL`),
    // Invariant: a requestor holds at most one live item. Serves: which item does this requestor hold?
    uniqueIndex('items_live_requestor_unique')
      .on(table.namespace, table.requestor)
      .where(sql`deleted_at IS NULL AND requestor IS NOT NULL`),
    // Serves: the oldest available items of a namespace. An index ends with the row's id, so this is a
    // queue; `requestor`, always null in it, makes the planner prefer it to items_live_list.
    index('items_available_queue')
      .on(table.namespace, table.requestor)
      .where(sql`deleted_at IS NULL AND requestor IS NULL`),
    // Serves: the list and the counts of a namespace.
    index('items_live_list').on(table.namespace).where(sql`deleted_at IS NULL`),
    // Serves: the latest removed life of an item, which add restores.
    index('items_removed_item').on(table.namespace, table.item).where(sql`deleted_at IS NOT NULL`),
  ],
)

/** A row binds a key to one namespace; the key itself is kept as its SHA-256 digest only. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    digest: text('digest').notNull(),
    /** The first characters of the key and an ellipsis: enough to tell keys apart, no help to guess one. */
    masked: text('masked').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name'),
    /** Space-separated, in the order match, read, write. */
    scopes: text('scopes').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    lastUsedAt: integer('last_used_at'),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    // Invariant: a key is bound to a namespace at most once. Serves: what does this key open?
    uniqueIndex('api_keys_live_binding_unique')
      .on(table.digest, table.namespace)
      .where(sql`deleted_at IS NULL`),
    // Serves: the keys of a namespace, the oldest first.
    index('api_keys_live_namespace')
      .on(table.namespace, table.createdAt)
      .where(sql`deleted_at IS NULL`),
  ],
)
