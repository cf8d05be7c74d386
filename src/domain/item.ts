/** A live item as lists have it. Times are Unix milliseconds. */
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

/** A page of a list: at most `limit` items behind the position `after`, or from the end `order` names first. */
export type ItemQuery = ItemFilter & {
  namespace: string
  after?: number | undefined
  limit: number
  order?: 'asc' | 'desc' | undefined
}

/** `next` is the `after` of the page that follows, or null at the end. */
export type ItemPage = { items: ListedItem[]; next: number | null }

/** Lists of items, in which repeated values count once. No value may stand in two of them. */
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

/** What a change did, in rows; `conflicts` are items whose requestor holds another one by now. */
export type ItemsChanged = {
  added: number
  restored: number
  removed: number
  released: number
  unchanged: number
  conflicts: string[]
}

/** `kept` counts what is handed out and stays although it is not listed. */
export type ItemsReplaced = ItemsChanged & { kept: number }
