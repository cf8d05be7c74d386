import type { WriteContext } from './actor.ts'
import type { ApiKey, ApiKeyBindings, ApiKeyFilter, ApiKeyId, NewApiKey } from './api-key.ts'
import type {
  ItemChanges,
  ItemPage,
  ItemQuery,
  ItemReplacement,
  ItemsChanged,
  ItemsReplaced,
} from './item.ts'
import type { MatchOutcome, MatchRequest } from './match.ts'
import type { NamespacePage, NamespaceQuery, NamespaceStats } from './namespace.ts'

/**
 * All that the rest of zaas may ask of a database. Each engine of `storage/` implements it, and what is
 * written here holds for each of them.
 *
 * Plain values go in and come out, since they may cross to another thread as JSON: `undefined` is as good
 * as left out. A write is told when and by whom (`WriteContext`), and has resolved only once its commit is
 * durable. Any operation rejects with ZaasError `unavailable` when the database is busy or cannot be
 * reached, when too many operations wait, or past its deadline; then a write may still be made.
 */
export interface Store {
  /**
   * Gives the requestor the oldest available item, or the one that it holds already. Safe to repeat.
   * Requests that wait at the same time share a transaction.
   */
  match(request: MatchRequest, context: WriteContext): Promise<MatchOutcome>

  /** One page of the live items of a namespace, in the order they were added. */
  listItems(query: ItemQuery): Promise<ItemPage>

  /**
   * Removes, releases and adds items, in this order and in one transaction, so that only what stands at the
   * end of the change can conflict.
   */
  changeItems(changes: ItemChanges, context: WriteContext): Promise<ItemsChanged>

  /**
   * Replaces the stock of a namespace by a list, in one transaction: removes what is available and not
   * listed, with `removeMatched` also what is handed out and not listed, and adds what is missing.
   */
  replaceItems(replacement: ItemReplacement, context: WriteContext): Promise<ItemsReplaced>

  /** Counts the live items of a namespace, in one snapshot and at the same cost for any number of them. */
  namespaceStats(namespace: string): Promise<NamespaceStats>

  /**
   * One page of the namespaces that have a key or have ever had an item, by name and with their counts, in
   * one snapshot.
   */
  listNamespaces(query: NamespaceQuery): Promise<NamespacePage>

  /** Binds a key to a namespace. The answer has the whole key. Rejects with `conflict` when it is bound to it already. */
  createApiKey(key: NewApiKey, context: WriteContext): Promise<ApiKey>

  /** The keys that are not deleted, oldest first. */
  listApiKeys(filter: ApiKeyFilter): Promise<ApiKey[]>

  /** Soft-deletes bindings of a key, and returns how many there were. */
  deleteApiKeys(bindings: ApiKeyBindings, context: WriteContext): Promise<number>

  /** Notes that these keys are in use, unless that was noted within `limits.apiKeys.lastUseStepMs`. */
  recordKeyUses(ids: readonly ApiKeyId[], context: WriteContext): Promise<void>

  /** Whether all migrations were applied, and what a commit promises. */
  readiness(): Promise<Readiness>

  /** What was measured of the database, as Prometheus text. Asks nothing of the database. */
  metrics(): Promise<string>
}

/** `full`: a commit is synced to disk before it is reported. `relaxed`: a power cut can take it back. */
export type Durability = 'full' | 'relaxed'

/** `pending` counts the migrations that are not applied. */
export type Readiness = { pending: number; durability: Durability }

export type OperationName = keyof Store

/** How long an operation may take: `limits.operations.deadlineMs` has the milliseconds of each class. */
export type DeadlineClass = 'quick' | 'bulk'

/** `bulk` is for what may have to go through a namespace of millions. */
export const deadlineClasses = {
  match: 'quick',
  listItems: 'quick',
  changeItems: 'bulk',
  replaceItems: 'bulk',
  namespaceStats: 'quick',
  listNamespaces: 'quick',
  createApiKey: 'quick',
  listApiKeys: 'quick',
  deleteApiKeys: 'quick',
  recordKeyUses: 'quick',
  readiness: 'quick',
  metrics: 'quick',
} as const satisfies Record<OperationName, DeadlineClass>
