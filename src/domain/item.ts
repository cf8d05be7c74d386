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

/** Distinct strings as the text of a JSON array. A long list crosses threads and reaches SQL without being parsed. */
export type ListText = { json: string; count: number }

/** Items, of which repeated values count once. */
export type ItemList = readonly string[] | ListText

/** No value may be in two of the lists. */
export type ItemChanges = {
  namespace: string
  add: ItemList
  remove: ItemList
  release: ItemList
  /** `false` restores nothing: removed items of `add` stay removed, and are in `conflicts`. */
  restore?: boolean | undefined
}

/** The part of `ItemChanges` that only adds. */
export type AddPreview = {
  namespace: string
  add: readonly string[]
  restore?: boolean | undefined
}

export type ItemReplacement = {
  namespace: string
  items: ItemList
  removeMatched: boolean
}

/**
 * Counts rows; `conflicts` are the items that stay removed because their requestor already holds another, or because
 * nothing was to be restored, as text if there are many.
 */
export type ItemsChanged = {
  added: number
  restored: number
  removed: number
  released: number
  unchanged: number
  conflicts: ItemList
}

/** `kept` counts the matched items that stay although they are not listed. */
export type ItemsReplaced = ItemsChanged & { kept: number }

export const isListText = (list: ItemList): list is ListText => 'json' in list

export const countOf = (list: ItemList): number => (isListText(list) ? list.count : list.length)

/** The items as values. Parses a text, which blocks for as long as it is long. */
export const itemsOf = (list: ItemList): readonly string[] =>
  isListText(list) ? stringsOf(list.json) : list

function stringsOf(json: string): readonly string[] {
  const values: unknown = JSON.parse(json)
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  throw new TypeError('A list of items is no list of strings.')
}
