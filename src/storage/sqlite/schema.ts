// The tables of SQLite. The migrations in drizzle/ lead to them, which a test checks.

import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ApiKeyId } from '../../domain/api-key.ts'

/**
 * A row is one life of an item. It is live while `deleted_at` is null, and available while it is live and
 * `requestor` is null. Rows are never deleted, only soft-deleted: `remove` sets `deleted_at`; `release` sets it
 * too, and adds a new row at the end of the queue. So the row with the highest id is the current state of its
 * item. Ids only grow, so they are the order in which items were added. Times are Unix milliseconds.
 *
 * The queue of a namespace consists of its live rows from the queue head on (`namespaceStats.queueHead`), none
 * of them matched: a match takes the first ones, and changes no index but that of requestors. An available row
 * is behind the head if it was removed and later restored, while rows after it were matched, or if a legacy
 * import matched a later row.
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
    /** 1 while the row is available and behind the queue head, else null. Meaningless for a removed row. */
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
    // Serves: the queue, and lists: the rows of this index behind the head are the matched ones, in order.
    index('items_live_queue')
      .on(table.namespace)
      .where(sql`deleted_at IS NULL AND passed_over IS NULL`),
    // Serves: the available items behind the head, which are matched first.
    index('items_live_passed_over')
      .on(table.namespace)
      .where(sql`deleted_at IS NULL AND passed_over IS NOT NULL`),
    // Serves: the latest removed row of an item, which `add` restores.
    index('items_removed_item').on(table.namespace, table.item).where(sql`deleted_at IS NOT NULL`),
  ],
)

/**
 * For each namespace, how many items are live, how many of them are matched, and the queue head: the id after
 * that of the last row that was ever matched. Triggers on `items` maintain this in the transaction of each
 * change (drizzle/0001_count_items.sql, 0003_keep_queues.sql); nothing else writes it. They also maintain
 * `passed_over`, except after matches out of order: only the legacy import makes those, and it updates it.
 */
export const namespaceStats = sqliteTable('namespace_stats', {
  namespace: text('namespace').primaryKey(),
  total: integer('total').notNull(),
  matched: integer('matched').notNull(),
  queueHead: integer('queue_start').notNull().default(0),
})

/** A row binds a key to one namespace. Of the key only its SHA-256 digest is stored. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').$type<ApiKeyId>().primaryKey(),
    digest: text('digest').notNull(),
    /** The first characters of the key and an ellipsis: enough to recognise a key, too few to guess it. */
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
    // Invariant: a key is bound to a namespace at most once. Serves: which namespaces does this key open?
    uniqueIndex('api_keys_live_binding_unique')
      .on(table.digest, table.namespace)
      .where(sql`deleted_at IS NULL`),
    // Serves: the keys of a namespace, oldest first.
    index('api_keys_live_namespace')
      .on(table.namespace, table.createdAt)
      .where(sql`deleted_at IS NULL`),
  ],
)
