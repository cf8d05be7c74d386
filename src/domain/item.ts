// What the store takes and returns for items: lists of them, and changes to them.

import type { IdempotencyKey } from './idempotency.ts'

export const itemStatuses = ['available', 'matched', 'held', 'expired', 'removed'] as const
export type ItemStatus = (typeof itemStatuses)[number]

/** An item, as lists show it. `data` is JSON text, as it was sent. Times are Unix milliseconds. */
export type ListedItem = {
  item: string
  requestor: string | null
  slot: string | null
  data: string | null
  matchedAt: number | null
  heldUntil: number | null
  expiresAt: number | null
  createdAt: number
  batch: string | null
  status: ItemStatus
}

export type ItemFilter = {
  item?: string | undefined
  requestor?: string | undefined
  /** Without it, removed items are not listed. */
  status?: ItemStatus | undefined
  batch?: string | undefined
  /** Of items; the list is then in their order. */
  prefix?: string | undefined
}

/**
 * Keyset pagination: at most `limit` items that follow position `after` in `order` (`asc` unless given), or
 * the first page without `after`. A position is the `next` of a page with the same filter.
 */
export type ItemQuery = ItemFilter & {
  namespace: string
  /** The time (Unix ms) that decides what is expired, or held no longer. */
  now: number
  after?: string | undefined
  limit: number
  order?: 'asc' | 'desc' | undefined
}

/** `next` is the `after` of the next page, or null on the last one. */
export type ItemPage = { items: ListedItem[]; next: string | null }

/** At most `limits.lookups.itemsMax` items. */
export type ItemLookup = { namespace: string; items: readonly string[] }

/** Distinct strings as the text of a JSON array. A long list crosses threads and reaches SQL without being parsed. */
export type ListText = { json: string; count: number }

/** Items, of which repeated values count once. */
export type ItemList = readonly string[] | ListText

/**
 * An item to add, or to change: `data` is the text of a JSON object, and `expiresAt` a time (Unix ms). In a change,
 * null takes it off, and what is left out stays.
 */
export type ItemObject = {
  item: string
  data?: string | null | undefined
  expiresAt?: number | null | undefined
}

/** Of a text, each element is a string, or an `ItemObject`. Elements with the same item are the same, and count once. */
export type NewItemList = readonly (string | ItemObject)[] | ListText

/** With a requestor, the item is released only while that one has it. */
export type Release = { item: string; requestor: string }
/** Of a text, each element is a string, or a `Release`. Elements with the same item are the same, and count once. */
export type ReleaseList = readonly (string | Release)[] | ListText

/** No item may be in two of the lists. With an `idempotency` key that is known, nothing is done again. */
export type ItemChanges = {
  namespace: string
  add: NewItemList
  remove: ItemList
  release: ReleaseList
  /** Changes the data or expiry of live items. */
  set?: NewItemList | undefined
  /** The label of what is added, and a remark for the history. */
  batch?: string | undefined
  note?: string | undefined
  idempotency?: IdempotencyKey | undefined
}

/**
 * A row of an import: an item to add, or with a requestor a match to bring along, at `matchedAt`. What a match that is
 * brought along has besides is taken as it is.
 */
export type ImportRow = ItemObject & {
  requestor?: string | undefined
  slot?: string | undefined
  matchedAt?: number | undefined
  heldUntil?: number | undefined
  createdAt?: number | undefined
  /** Null for none; left out, it is that of the import. */
  batch?: string | null | undefined
}

/** Rows of an import, of which repeated items count once: see `Store.importRows`. */
export type RowsToImport = {
  namespace: string
  rows: readonly (string | ImportRow)[]
  batch: string
  /** Those that the rows say. */
  labels?: readonly string[] | undefined
  /** Lines that this chunk was read from, which the batch counts as received. */
  received: number
  /** Until a chunk `isUsed`, those that are not leave nothing behind: no batch, and no lines that it has received. */
  begun: boolean
  /** `false` leaves removed items removed. */
  restore: boolean
  dryRun: boolean
}

/**
 * Counts rows. `expired` are those of the added whose expiry has passed. `conflicts` are the items that could not
 * come in because the requestor has another one, or somebody else this one; `leftRemoved` the items that were not
 * to be restored. `folded`: whether the namespace compares requestors so.
 */
export type RowsImported = {
  added: number
  restored: number
  matched: number
  unchanged: number
  expired: number
  conflicts: string[]
  leftRemoved: string[]
  folded: boolean
}

/** Whether any row of a chunk did not conflict. */
export const isUsed = ({ added, restored, matched, unchanged, leftRemoved }: RowsImported) =>
  added + restored + matched + unchanged + leftRemoved.length > 0

/** With `dryRun`, nothing is changed; with an `idempotency` key that is known, nothing is done again. */
export type ItemReplacement = {
  namespace: string
  items: NewItemList
  removeMatched: boolean
  dryRun?: boolean | undefined
  idempotency?: IdempotencyKey | undefined
}

/**
 * Counts rows; `conflicts` are the items that stay removed because their requestor already has another, as text if
 * there are many.
 */
export type ItemsChanged = {
  added: number
  restored: number
  removed: number
  released: number
  updated: number
  unchanged: number
  conflicts: ItemList
}

/** `kept` counts the matched items that stay although they are not listed. */
export type ItemsReplaced = ItemsChanged & { kept: number }

/** What an earlier request did, by its idempotency key; `kept` if it replaced the stock. */
export type ItemsChangedBefore = ItemsChanged & { kept?: number | undefined }

type AnyList = readonly unknown[] | ListText

export const isListText = (list: AnyList): list is ListText => 'json' in list

export const countOf = (list: AnyList): number => (isListText(list) ? list.count : list.length)

/** The items as values. Parses a text, which blocks for as long as it is long. */
export const itemsOf = (list: ItemList): readonly string[] =>
  isListText(list) ? stringsOf(list.json) : list

function stringsOf(json: string): readonly string[] {
  const values: unknown = JSON.parse(json)
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  throw new TypeError('A list of items is no list of strings.')
}
