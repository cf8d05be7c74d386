import type { WriteContext } from './actor.ts'
import type { ApiKey, ApiKeyBindings, ApiKeyFilter, ApiKeyId, NewApiKey } from './api-key.ts'
import type { Forgetting, HistoryPage, HistoryQuery, TracePage, TraceQuery } from './history.ts'
import type { ChangeLookup } from './idempotency.ts'
import type {
  ItemChanges,
  ItemLookup,
  ItemPage,
  ItemQuery,
  ItemReplacement,
  ItemsChanged,
  ItemsChangedBefore,
  ItemsReplaced,
  RowsImported,
  RowsToImport,
} from './item.ts'
import type { BatchPage, BatchQuery, BatchRemoval, BatchRemoved, BatchState } from './item-batch.ts'
import type { Confirmation, ConfirmationOutcome, MatchOutcome, MatchRequest } from './match.ts'
import type {
  NamespacePage,
  NamespaceQuery,
  NamespaceState,
  NamespaceStats,
  SettingsChange,
} from './namespace.ts'
import type { StatsHistoryQuery, StatsPoint } from './stats-history.ts'
import type {
  Attempt,
  Backlog,
  Delivery,
  DeliveryPage,
  DeliveryQuery,
  LeasedDelivery,
  LeaseRequest,
  NewWebhook,
  Webhook,
  WebhookChange,
  WebhookPage,
  WebhookQuery,
  WebhooksTidied,
} from './webhook.ts'

/**
 * The contract between zaas and its database: all that the rest of the code may ask of one. Each engine in
 * `storage/` implements it and keeps every promise made here.
 *
 * Arguments and outcomes are plain values, because they may cross to another thread as JSON: a property that
 * is `undefined` counts as absent. A write takes a `WriteContext`, and resolves only once its commit is
 * durable. Any operation rejects with ZaasError `unavailable` when the database is busy or unreachable, when
 * too many operations are waiting, or when its deadline passes; in the last case a write may still be made.
 */
export interface Store {
  /**
   * Gives the requestor the oldest available item, or the one it already has in this slot. Idempotent.
   * Concurrent requests share a transaction.
   */
  match(request: MatchRequest, context: WriteContext): Promise<MatchOutcome>

  /**
   * Keeps an item that the requestor holds in this slot, or has held and nobody has got since, if it may have
   * another one. Idempotent. Never gives another item.
   */
  confirm(confirmation: Confirmation, context: WriteContext): Promise<ConfirmationOutcome>

  /** One page of the items of a namespace, in the order in which they were added, or in reverse. */
  listItems(query: ItemQuery): Promise<ItemPage>

  /** Returns those of the items that the namespace has, live or removed. */
  storedItems(lookup: ItemLookup): Promise<string[]>

  /**
   * Removes, releases, adds and sets items, in this order and in one transaction. An item conflicts only with the
   * state after the removals and releases. With an idempotency key it is made once: a repeat resolves to what it did,
   * and another request with that key rejects with `conflict`.
   */
  changeItems(changes: ItemChanges, context: WriteContext): Promise<ItemsChanged>

  /** What a change with this key did; undefined if none did anything. Rejects with `conflict` if it was another request. */
  findChange(lookup: ChangeLookup): Promise<ItemsChangedBefore | undefined>

  /** Adds a chunk of an import, in one transaction; with `dryRun`, only tells what that would do. */
  importRows(chunk: RowsToImport, context: WriteContext): Promise<RowsImported>

  /**
   * Replaces the stock of a namespace with a list, in one transaction: removes the available items that are
   * not listed, with `removeMatched` the matched ones too, and adds the listed items that are missing. An idempotency
   * key does what it does for `changeItems`.
   */
  replaceItems(replacement: ItemReplacement, context: WriteContext): Promise<ItemsReplaced>

  /** Counts the live items of a namespace, in one snapshot: kept counts, and what time has changed since. */
  namespaceStats(namespace: string, now: number): Promise<NamespaceStats>

  /** What each step has brought to a namespace, from when something is known of it until now, in one snapshot. */
  statsHistory(query: StatsHistoryQuery): Promise<StatsPoint[]>

  /** The settings and the counts of a namespace, which need not exist. */
  namespaceState(namespace: string, now: number): Promise<NamespaceState>

  /**
   * Changes the settings of a namespace. They hold for every match that begins after this has resolved. Rejects with
   * `conflict` if `requestors` would change while a row has a requestor, and with `invalid` if the settings
   * would contradict each other.
   */
  changeSettings(change: SettingsChange, context: WriteContext): Promise<NamespaceState>

  /**
   * One page of the namespaces that have a key or have ever had an item, sorted by name, with their counts,
   * in one snapshot; or the first ones by another order, counted in steps.
   */
  listNamespaces(query: NamespaceQuery): Promise<NamespacePage>

  /** The batches of a namespace, the latest first. */
  listBatches(query: BatchQuery): Promise<BatchPage>

  /** What became of a batch, at the time `now`; undefined for an unknown one. */
  findBatch(namespace: string, batch: string, now: number): Promise<BatchState | undefined>

  /**
   * Removes the items of a batch that nobody has, a bounded number of them in one transaction: it has to be called
   * until there is no next step. Undefined for an unknown batch.
   */
  removeBatch(removal: BatchRemoval, context: WriteContext): Promise<BatchRemoved | undefined>

  /** One page of a history, the latest recorded first. */
  listHistory(query: HistoryQuery): Promise<HistoryPage>

  /** Finds which namespaces know a requestor or an item, a bounded number of them at a time. */
  findTraces(query: TraceQuery): Promise<TracePage>

  /**
   * Writes another name over a requestor in all that a namespace has of it, ends its holds, and returns how many items
   * it had now or before. Takes several transactions where it has many rows; a repeat does what is left.
   */
  forget(forgetting: Forgetting, context: WriteContext): Promise<number>

  /**
   * Deletes from the history what happened before a time, a bounded number of rows, and returns whether more may be
   * left. What rows of items tell stays.
   */
  pruneHistory(before: number, context: WriteContext): Promise<boolean>

  /**
   * Writes down what time has brought about by itself: lapsed holds, expired items, and hours that are over. Each
   * answer is right without it, but may take longer, and what was available after an hour is what was so with the next
   * change. Deletes idempotency keys that are no longer known. Does a bounded number of all these, and returns whether
   * more are left.
   */
  sweep(context: WriteContext): Promise<boolean>

  /** Rejects with `conflict` when there are too many. */
  createWebhook(webhook: NewWebhook, context: WriteContext): Promise<Webhook>

  /** The webhooks, oldest first. */
  listWebhooks(query: WebhookQuery): Promise<WebhookPage>

  /** Undefined for an unknown one; so are the operations below. */
  findWebhook(id: string): Promise<Webhook | undefined>
  changeWebhook(change: WebhookChange, context: WriteContext): Promise<Webhook | undefined>

  /** Gives a webhook a new secret; the one before signs along for `limits.webhooks.earlierSecretMs`. */
  rotateWebhookSecret(
    rotation: { id: string; secret: string },
    context: WriteContext,
  ): Promise<Webhook | undefined>

  /** Returns whether there was one. Nothing is sent to it any more. */
  deleteWebhook(id: string, context: WriteContext): Promise<boolean>

  /** The deliveries of a webhook, the latest first. */
  listDeliveries(query: DeliveryQuery): Promise<DeliveryPage | undefined>

  /** Makes a delivery due now, whatever became of it. Rejects with `conflict` if the webhook is disabled. */
  retryDelivery(
    delivery: { webhook: string; delivery: string },
    context: WriteContext,
  ): Promise<Delivery | undefined>

  /** Stages an event for one webhook. Rejects with `conflict` if that is disabled. */
  testWebhook(id: string, context: WriteContext): Promise<Delivery | undefined>

  /** Leases deliveries that are due, so that no other instance sends them until `limits.webhooks.leaseMs` have passed. */
  leaseDeliveries(request: LeaseRequest, context: WriteContext): Promise<LeasedDelivery[]>

  /** Records what became of leased deliveries, and returns the webhooks that it has disabled since they are gone. */
  recordAttempts(attempts: readonly Attempt[], context: WriteContext): Promise<string[]>

  /** Disables webhooks with too much that is undelivered, and forgets a bounded number of old deliveries. */
  tidyWebhooks(context: WriteContext): Promise<WebhooksTidied>

  webhookBacklog(): Promise<Backlog>

  /** Binds a key to a namespace, and returns the unmasked key. Rejects with `conflict` if they are already bound. */
  createApiKey(key: NewApiKey, context: WriteContext): Promise<ApiKey>

  /** The live bindings of keys, oldest first. */
  listApiKeys(filter: ApiKeyFilter): Promise<ApiKey[]>

  /** The live bindings of several keys, by the `digestOf` the key. */
  findApiKeys(digests: readonly string[]): Promise<Record<string, ApiKey[]>>

  /** Soft-deletes bindings, and returns how many. */
  deleteApiKeys(bindings: ApiKeyBindings, context: WriteContext): Promise<number>

  /** Records the last use of keys; skips those recorded less than `limits.apiKeys.lastUseStepMs` ago. */
  recordKeyUses(ids: readonly ApiKeyId[], context: WriteContext): Promise<void>

  /** Whether all migrations are applied, and whether commits are durable. */
  readiness(): Promise<Readiness>

  /** The metrics of the database as Prometheus text. Runs no query. */
  metrics(): Promise<string>
}

/** `full`: a commit is synced to disk before it is reported. `relaxed`: a power cut can take it back. */
export type Durability = 'full' | 'relaxed'

/** `pending` counts the migrations that have not been applied. */
export type Readiness = { pending: number; durability: Durability }

export type OperationName = keyof Store

/** How long an operation may take: `limits.operations.deadlineMs` has the milliseconds for each class. */
export type DeadlineClass = 'quick' | 'bulk'

/** `bulk` is for operations that may touch millions of rows. */
export const deadlineClasses = {
  match: 'quick',
  confirm: 'quick',
  listItems: 'quick',
  storedItems: 'quick',
  changeItems: 'bulk',
  findChange: 'quick',
  importRows: 'bulk',
  replaceItems: 'bulk',
  namespaceStats: 'quick',
  statsHistory: 'quick',
  namespaceState: 'quick',
  changeSettings: 'quick',
  listBatches: 'quick',
  findBatch: 'quick',
  removeBatch: 'quick',
  listHistory: 'quick',
  findTraces: 'quick',
  forget: 'bulk',
  pruneHistory: 'quick',
  sweep: 'quick',
  listNamespaces: 'quick',
  createWebhook: 'bulk',
  listWebhooks: 'quick',
  findWebhook: 'quick',
  changeWebhook: 'bulk',
  rotateWebhookSecret: 'quick',
  deleteWebhook: 'quick',
  listDeliveries: 'quick',
  retryDelivery: 'quick',
  testWebhook: 'quick',
  leaseDeliveries: 'quick',
  recordAttempts: 'quick',
  tidyWebhooks: 'quick',
  webhookBacklog: 'quick',
  createApiKey: 'quick',
  listApiKeys: 'quick',
  findApiKeys: 'quick',
  deleteApiKeys: 'quick',
  recordKeyUses: 'quick',
  readiness: 'quick',
  metrics: 'quick',
} as const satisfies Record<OperationName, DeadlineClass>
