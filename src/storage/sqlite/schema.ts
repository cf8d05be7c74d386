import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ApiKeyId } from '../../domain/api-key.ts'

/**
 * A row is one life of an item. A row is live while `deleted_at` is null and available while it is
 * live and `requestor` is null. Rows are never deleted: `remove` sets `deleted_at`, `release` sets it
 * and adds a new row at the end of the queue, so the highest id of an item is its present state.
 * Ids only grow, so they are the order in which items were added. Times are Unix milliseconds.
 *
 * The queue of a namespace is its live rows from its head on (`namespaceStats.queueHead`): none of them is
 * matched, so that a match takes the first ones and changes no index but that of requestors. An available
 * row may be behind the head: it was removed, later ones were matched, and it was restored, or a legacy
 * import brought a match of a later one.
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
    /** 1 while the row is available and behind the head of its queue, else null. A removed row may have either. */
    behindHead: integer('passed_over'),
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
    // Serves: the queue, and the lists: behind the head this index has the matched rows, in their order.
    index('items_live_queue')
      .on(table.namespace)
      .where(sql`deleted_at IS NULL AND passed_over IS NULL`),
    // Serves: what is behind the head, which goes out first.
    index('items_live_passed_over')
      .on(table.namespace)
      .where(sql`deleted_at IS NULL AND passed_over IS NOT NULL`),
    // Serves: the latest removed life of an item, which add restores.
    index('items_removed_item').on(table.namespace, table.item).where(sql`deleted_at IS NOT NULL`),
  ],
)

/**
 * How many items of a namespace are live, how many of those are matched, and the head of its queue: the id
 * after the last row that was ever matched. Triggers on `items` keep this in the transaction of each change
 * (drizzle/0001_count_items.sql, 0003_keep_queues.sql); nothing else writes it. They keep `passed_over` too,
 * but for matches out of turn, which only a legacy import makes and which it sees to.
 */
export const namespaceStats = sqliteTable('namespace_stats', {
  namespace: text('namespace').primaryKey(),
  total: integer('total').notNull(),
  matched: integer('matched').notNull(),
  queueHead: integer('queue_start').notNull().default(0),
})

/** A row binds a key to one namespace; the key itself is kept as its SHA-256 digest only. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').$type<ApiKeyId>().primaryKey(),
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
