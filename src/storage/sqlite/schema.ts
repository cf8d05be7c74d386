// The tables of SQLite. The migrations in drizzle/ lead to them, which a test checks.

import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ApiKeyId } from '../../domain/api-key.ts'
import type { ChangeKind, RecordedEvent } from '../../domain/history.ts'
import type { WebhookId } from '../../domain/webhook.ts'

/**
 * A row is one life of an item. It is live while `deleted_at` is null, and available while it is live, `requestor`
 * is null and it has not expired. Rows are never deleted, only soft-deleted: `remove` sets `deleted_at`; `release`
 * sets it too, and adds a new row at the end of the queue. So the row with the highest id is the current state of
 * its item. Ids only grow, so they are the order in which items were added. Times are Unix milliseconds.
 *
 * What time brings about changes no row: a hold lapses at `held_until`, and an item expires at `expires_at`, when
 * the time of a request is past it. Lapsed holds are taken back before anything is given.
 */
export const items = sqliteTable(
  'items',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    item: text('item').notNull(),
    /** As compared: folded, where the namespace folds requestors. */
    requestor: text('requestor'),
    matchedAt: integer('matched_at'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
    /** Not null, because nulls are distinct to a unique index. */
    slot: text('slot').notNull().default(''),
    /** As first sent, where that differs. */
    requestorShown: text('requestor_shown'),
    /** Null once the item is matched. */
    heldUntil: integer('held_until'),
    expiresAt: integer('expires_at'),
    /** JSON text, as it was sent. */
    data: text('data'),
    /** The `id` of a batch. */
    batch: integer('batch'),
    /** The item of the requestor that this one was given for. */
    replaces: text('replaces'),
    /** Who gave the item (an `id` of actors), and by which request. */
    matchedBy: integer('matched_by'),
    requestId: text('request_id'),
    /** Where the match stands in the order of what was recorded (`ordinals.ts`); 0 once `events` has it. */
    ordinal: integer('ordinal'),
    /** The changes (an `id`) that added and removed the row. `removed_change` is 0 once `events` has the removal. */
    addedChange: integer('added_change'),
    removedChange: integer('removed_change'),
    /** How the life ended, unless by a removal: `released` or `replaced`. */
    endKind: text('end_kind').$type<'released' | 'replaced'>(),
  },
  (table) => [
    // Invariant: an item is live at most once. Serves: is this item live? The condition is written twice so that
    // version 0.1.0, whose ON CONFLICT names it once, adds nothing to a migrated database: it would not be counted.
    uniqueIndex('items_live_item_unique')
      .on(table.namespace, table.item)
      .where(sql`deleted_at IS NULL AND deleted_at IS NULL`),
    // Invariant: a slot of a requestor has at most one live item. Serves: what does this requestor have?
    uniqueIndex('items_live_holder_unique')
      .on(table.namespace, table.requestor, table.slot)
      .where(sql`deleted_at IS NULL AND requestor IS NOT NULL`),
    // Serves: the queue of items that do not expire, and lists of them.
    index('items_queue')
      .on(table.namespace)
      .where(sql`deleted_at IS NULL AND requestor IS NULL AND expires_at IS NULL`),
    // Serves: the queue of those that do, past any that have expired, and lists of them.
    index('items_expiring_queue')
      .on(table.namespace, table.id, table.expiresAt)
      .where(sql`deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL`),
    // Serves: how many have expired, and is one left that has not?
    index('items_expiring')
      .on(table.namespace, table.expiresAt)
      .where(sql`deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL`),
    // Serves: lists of live items. An index of those that somebody has would cost each match 4 us.
    index('items_live').on(table.namespace).where(sql`deleted_at IS NULL`),
    // Serves: which holds have lapsed?
    index('items_held')
      .on(table.namespace, table.heldUntil)
      .where(sql`deleted_at IS NULL AND held_until IS NOT NULL`),
    // Serves: the latest removed row of an item, which `add` restores.
    index('items_removed_item').on(table.namespace, table.item).where(sql`deleted_at IS NOT NULL`),
    // Serves: the list of removed items.
    index('items_removed')
      .on(table.namespace)
      .where(sql`deleted_at IS NOT NULL AND end_kind IS NOT 'released'`),
    // Serves: what did a change remove or release?
    index('items_removed_change').on(table.removedChange).where(sql`removed_change > 0`),
    // Serves: what a requestor had.
    index('items_removed_requestor')
      .on(table.namespace, table.requestor)
      .where(sql`deleted_at IS NOT NULL AND requestor IS NOT NULL`),
    // Serves: the items of a batch.
    index('items_batch').on(table.batch).where(sql`batch IS NOT NULL`),
  ],
)

/**
 * The settings of a namespace, null for the default, and the counts of its live rows. Every write that changes a
 * row of `items` changes the counts in the same transaction (`counts.ts`).
 */
export const namespaces = sqliteTable('namespaces', {
  namespace: text('namespace').primaryKey(),
  description: text('description'),
  paused: integer('paused', { mode: 'boolean' }),
  opensAt: integer('opens_at'),
  closesAt: integer('closes_at'),
  expiryMarginSeconds: integer('expiry_margin_seconds'),
  itemsPerRequestor: integer('items_per_requestor'),
  lowStockBelow: integer('low_stock_below'),
  requestors: text('requestors').$type<'exact' | 'folded'>(),
  total: integer('total').notNull().default(0),
  /** With a requestor, and without a `held_until`; `held` are those with one, also past it. */
  matched: integer('matched').notNull().default(0),
  held: integer('held').notNull().default(0),
  /** Without a requestor, and up to this `expires_at` and id, in the order of the two; a sweep moves them on. */
  expired: integer('expired').notNull().default(0),
  expiredUntil: integer('expired_until').notNull().default(0),
  expiredId: integer('expired_id').notNull().default(0),
  /** All available rows with an `expires_at` and a lower id have expired. */
  expiringHead: integer('expiring_head').notNull().default(0),
  /** Until when, by `expires_at`, it was decided what has expired: not given again, although a clock is behind. */
  decidedUntil: integer('decided_until').notNull().default(0),
  /** 1 once a slot was asked for: then a requestor may have several items, and the limit is checked. */
  slotsUsed: integer('slots_used').notNull().default(0),
  /** What `hour`, the latest in which something changed, has brought so far: see `hours`. */
  hour: integer('hour').notNull().default(0),
  hourAdded: integer('hour_added').notNull().default(0),
  hourMatched: integer('hour_matched').notNull().default(0),
  hourReleased: integer('hour_released').notNull().default(0),
  hourRemoved: integer('hour_removed').notNull().default(0),
  /** What webhooks were last told of the stock, and what before that: null for enough. */
  stockTold: text('stock_told').$type<'low' | 'exhausted'>(),
  stockToldBefore: text('stock_told_before').$type<'low' | 'exhausted'>(),
})

/** What an hour that is over has brought, and what was available with the first change after it. */
export const hours = sqliteTable(
  'hours',
  {
    namespace: text('namespace').notNull(),
    at: integer('at').notNull(),
    added: integer('added').notNull(),
    matched: integer('matched').notNull(),
    released: integer('released').notNull(),
    removed: integer('removed').notNull(),
    available: integer('available').notNull(),
  },
  // Serves: the hours of a namespace from one time to another.
  (table) => [primaryKey({ columns: [table.namespace, table.at] })],
)

/** Who has changed something (`domain/actor.ts`), by a short number. */
export const actors = sqliteTable('actors', {
  id: integer('id').primaryKey(),
  actor: text('actor').notNull().unique('actors_actor_unique'),
})

/** One row for each change of the stock of a namespace or of its settings, written with the change. */
export const changes = sqliteTable(
  'changes',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    at: integer('at').notNull(),
    actor: integer('actor').notNull(),
    requestId: text('request_id'),
    /** The label of a batch. */
    batch: text('batch'),
    note: text('note'),
    kind: text('kind').$type<ChangeKind>().notNull(),
    /** The `id` of the API key or webhook that was changed, or the name by which a requestor was forgotten. */
    about: text('about'),
    /** See `ordinals.ts`. */
    ordinal: integer('ordinal').notNull().default(0),
    /** The highest `id` of items before the change: its own rows follow. */
    itemsBefore: integer('items_before').notNull().default(0),
  },
  // Serves: the changes of a namespace, the latest first.
  (table) => [index('changes_namespace').on(table.namespace)],
)

/** What the rows of `items` do not tell, or not any longer, written with what happened. */
export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    at: integer('at').notNull(),
    event: text('event').$type<RecordedEvent>().notNull(),
    /** See `ordinals.ts`. */
    ordinal: integer('ordinal').notNull().default(0),
    itemId: integer('item_id').notNull(),
    item: text('item').notNull(),
    requestor: text('requestor'),
    requestorShown: text('requestor_shown'),
    slot: text('slot').notNull().default(''),
    actor: integer('actor'),
    requestId: text('request_id'),
    change: integer('change'),
  },
  (table) => [
    // Serve: what happened to an item, to a requestor, by a change?
    index('events_item').on(table.namespace, table.item, table.ordinal, table.at),
    index('events_requestor')
      .on(table.namespace, table.requestor, table.ordinal, table.at)
      .where(sql`requestor IS NOT NULL`),
    index('events_change').on(table.change).where(sql`change IS NOT NULL`),
  ],
)

/** Labels of items that came in together. `received` counts the lines of imports. */
export const batches = sqliteTable(
  'batches',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    batch: text('batch').notNull(),
    at: integer('at').notNull(),
    actor: integer('actor').notNull(),
    received: integer('received').notNull().default(0),
  },
  (table) => [
    uniqueIndex('batches_batch_unique').on(table.namespace, table.batch),
    // Serves: the batches of a namespace, the latest first.
    index('batches_namespace').on(table.namespace),
  ],
)

/** Answers to changes that came with an `idempotency-key`, kept for a day. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    id: integer('id').primaryKey(),
    namespace: text('namespace').notNull(),
    key: text('key').notNull(),
    /** Of the request: its method and body. */
    digest: text('digest').notNull(),
    at: integer('at').notNull(),
    /** JSON text of what the change has done: counts, and the `id` of the latest row of each item that conflicted. */
    outcome: text('outcome').notNull(),
  },
  (table) => [
    // Invariant: a key stands for one change. Serves: was this change made already?
    uniqueIndex('idempotency_keys_key_unique').on(table.namespace, table.key),
    // Serves: which are over?
    index('idempotency_keys_at').on(table.at),
  ],
)

/** Where events are sent to. Deleted ones stay until their deliveries are gone. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text('id').$type<WebhookId>().primaryKey(),
    url: text('url').notNull(),
    /** Space-separated. */
    events: text('events').notNull(),
    /** 1 if one of them is about stock: then matches write down what becomes of it. */
    onStock: integer('on_stock').notNull(),
    /** JSON text of a list; null for all. */
    namespaces: text('namespaces'),
    secret: text('secret').notNull(),
    /** JSON text of a list: secrets before, each with the time until which it signs along. */
    earlierSecrets: text('earlier_secrets').notNull().default('[]'),
    /** Deliveries that are neither done nor failed. */
    pending: integer('pending').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    disabledAt: integer('disabled_at'),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    // Serves: does any webhook listen to stock?
    index('webhooks_on_stock')
      .on(table.onStock)
      .where(sql`on_stock = 1 AND disabled_at IS NULL AND deleted_at IS NULL`),
  ],
)

/** An event for one webhook, written with the change that caused it, and what became of sending it. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: integer('id').primaryKey(),
    /** `msg_` and random characters: what a receiver knows it by, the same over all tries. */
    message: text('message').notNull().unique('deliveries_message_unique'),
    webhook: text('webhook').$type<WebhookId>().notNull(),
    namespace: text('namespace'),
    event: text('event').notNull(),
    at: integer('at').notNull(),
    /** JSON text of counts, ids and times: never an item, its data or a requestor. */
    payload: text('payload').notNull(),
    status: text('status').$type<'pending' | 'delivered' | 'failed'>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** The HTTP status that the last try got. */
    lastStatus: integer('last_status'),
    /** Of what is being sent: when the lease ends. */
    nextAttemptAt: integer('next_attempt_at'),
    /** Of what is being sent: the lease by which it is. */
    lease: text('lease'),
  },
  (table) => [
    // Serves: the deliveries of a webhook, the latest first.
    index('deliveries_webhook').on(table.webhook),
    // Serves: what of a webhook is due?
    index('deliveries_due').on(table.webhook, table.nextAttemptAt).where(sql`status = 'pending'`),
    // Serves: since when has something of a webhook been waiting?
    index('deliveries_waiting').on(table.webhook, table.at).where(sql`status = 'pending'`),
    // Serves: what can be forgotten?
    index('deliveries_done').on(table.at).where(sql`status <> 'pending'`),
  ],
)

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
    /** Space-separated, in the order match, read, write, manage. */
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
