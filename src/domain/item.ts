// What the store takes and returns for items: lists of them, and changes to them.

/** A live item, as lists show it. Times are Unix milliseconds. */
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

/**
 * Keyset pagination: at most `limit` items that follow position `after` in `order` (`asc` unless given), or
 * the first page without `after`.
 */
export type ItemQuery = ItemFilter & {
  namespace: string
  after?: number | undefined
  limit: number
  order?: 'asc' | 'desc' | undefined
}

/** `next` is the `after` of the next page, or null on the last one. */
export type ItemPage = { items: ListedItem[]; next: number | null }

/** At most `limits.lookups.itemsMax` items. */
export type ItemLookup = { namespace: string; items: readonly string[] }

/** Repeated values in a list count once. No value may be in two of the lists. */
export type ItemChanges = {
  namespace: string
  add: readonly string[]
  remove: readonly string[]
  release: readonly string[]
}

export type ItemReplacement = {
  namespace: string
  items: readonly string[]
  removeMatched: boolean
}

/** Counts rows; `conflicts` are the items that cannot be restored because their requestor already holds another. */
export type ItemsChanged = {
  added: number
  restored: number
  removed: number
  released: number
  unchanged: number
  conflicts: string[]
}

/** `kept` counts the matched items that stay although they are not listed. */
export type ItemsReplaced = ItemsChanged & { kept: number }
