import type { WriteContext } from './actor.ts'
import type { ApiKey, ApiKeyBindings, ApiKeyFilter, ApiKeyId, NewApiKey } from './api-key.ts'
import type {
  AddPreview,
  ItemChanges,
  ItemLookup,
  ItemPage,
  ItemQuery,
  ItemReplacement,
  ItemsChanged,
  ItemsReplaced,
} from './item.ts'
import type { MatchOutcome, MatchRequest } from './match.ts'
import type { NamespacePage, NamespaceQuery, NamespaceStats } from './namespace.ts'

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
   * Gives the requestor the oldest available item, or the one it already holds. Idempotent. Concurrent
   * requests share a transaction.
   */
  match(request: MatchRequest, context: WriteContext): Promise<MatchOutcome>

  /** One page of the live items of a namespace, in the order in which they were added, or in reverse. */
  listItems(query: ItemQuery): Promise<ItemPage>

  /** Returns those of the items that the namespace has, live or removed. */
  storedItems(lookup: ItemLookup): Promise<string[]>

  /**
   * Removes, releases and adds items, in this order and in one transaction. An item conflicts only with the
   * state after the removals and releases.
   */
  changeItems(changes: ItemChanges, context: WriteContext): Promise<ItemsChanged>

  /** What `changeItems` would do for this list to add. Changes nothing. */
  previewAdd(preview: AddPreview): Promise<ItemsChanged>

  /**
   * Replaces the stock of a namespace with a list, in one transaction: removes the available items that are
   * not listed, with `removeMatched` the matched ones too, and adds the listed items that are missing.
   */
  replaceItems(replacement: ItemReplacement, context: WriteContext): Promise<ItemsReplaced>

  /** Counts the live items of a namespace, in one snapshot. Constant time. */
  namespaceStats(namespace: string): Promise<NamespaceStats>

  /**
   * One page of the namespaces that have a key or have ever had an item, sorted by name, with their counts,
   * in one snapshot.
   */
  listNamespaces(query: NamespaceQuery): Promise<NamespacePage>

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
  listItems: 'quick',
  storedItems: 'quick',
  changeItems: 'bulk',
  previewAdd: 'bulk',
  replaceItems: 'bulk',
  namespaceStats: 'quick',
  listNamespaces: 'quick',
  createApiKey: 'quick',
  listApiKeys: 'quick',
  findApiKeys: 'quick',
  deleteApiKeys: 'quick',
  recordKeyUses: 'quick',
  readiness: 'quick',
  metrics: 'quick',
} as const satisfies Record<OperationName, DeadlineClass>
