import type { ListAnswer, MatchAnswer } from './caller.ts'

export type Filter = {
  item?: string | undefined
  requestor?: string | undefined
  status?: 'available' | 'matched' | undefined
}
export type Lists = { add?: string[]; remove?: string[]; release?: string[] }
export type Replacement = { items: string[]; removeMatched?: boolean }

/** What PATCH and PUT answer; PUT also with `kept`. */
export type StockAnswer = {
  success: true
  message: string
  added: number
  restored: number
  removed: number
  released: number
  unchanged: number
  conflicts: string[]
  kept?: number
}

type Row = {
  item: string
  requestor: string | null
  matchedAt: string | null
  createdAt: string
  removed: boolean
}

/**
 * One namespace as the contract describes it, and nothing else: a list of rows, the oldest first. Where
 * the contract is silent: PATCH removes, then releases, then adds; an item comes back to its old place;
 * of two removed items of one requestor the first in the list comes back.
 */
export class Model {
  #rows: Row[] = []

  match(requestor: string, now: string): MatchAnswer {
    const held = this.#heldBy(requestor)
    const row = held ?? this.#live().find((candidate) => candidate.requestor === null)
    if (!row)
      return {
        success: false,
        reason: 'none_left',
        message: 'No available items in this namespace',
      }
    row.requestor = requestor
    row.matchedAt ??= now
    return {
      success: true,
      item: row.item,
      message: held ? 'Item already assigned to this requestor' : 'Item successfully matched',
      matchedAt: row.matchedAt,
      alreadyMatched: held !== undefined,
    }
  }

  /** The answer to a PATCH, or `invalid` for a value in two of the lists, which changes nothing. */
  patch({ add = [], remove = [], release = [] }: Lists, now: string): StockAnswer | 'invalid' {
    const asked = new Set([...add, ...remove, ...release]).size
    if (asked !== new Set(add).size + new Set(remove).size + new Set(release).size) return 'invalid'
    const removed = countOf(remove, (item) => this.#remove(this.#find(item)))
    const released = countOf(release, (item) => this.#release(item, now))
    const change = this.#add(add, now)
    const unchanged = asked - removed - released - countChanged(change)
    return told({ ...change, removed, released, unchanged })
  }

  put({ items, removeMatched = false }: Replacement, now: string): StockAnswer {
    const unlisted = this.#live().filter(({ item }) => !items.includes(item))
    const gone = unlisted.filter(({ requestor }) => requestor === null || removeMatched)
    for (const row of gone) this.#remove(row)
    const change = this.#add(items, now)
    const unchanged = new Set(items).size - countChanged(change)
    return {
      ...told({ ...change, removed: gone.length, released: 0, unchanged }),
      kept: unlisted.length - gone.length,
    }
  }

  list({ item, requestor, status }: Filter = {}): ListAnswer['items'] {
    return this.#live()
      .filter((row) => item === undefined || row.item === item)
      .filter((row) => requestor === undefined || row.requestor === requestor)
      .filter((row) => status !== 'available' || row.requestor === null)
      .filter((row) => status !== 'matched' || row.requestor !== null)
      .map(({ removed: _, ...listed }) => listed)
  }

  stats() {
    const matched = this.list({ status: 'matched' }).length
    const total = this.list().length
    return { total, matched, available: total - matched }
  }

  #live() {
    return this.#rows.filter(({ removed }) => !removed)
  }

  #find(item: string) {
    return this.#live().find((row) => row.item === item)
  }

  #heldBy(requestor: string) {
    return this.#live().find((row) => row.requestor === requestor)
  }

  #remove(row: Row | undefined): boolean {
    if (row) row.removed = true
    return row !== undefined
  }

  #release(item: string, now: string): boolean {
    const row = this.#find(item)
    if (!row || row.requestor === null) return false
    row.removed = true
    this.#append(item, now)
    return true
  }

  #append(item: string, now: string) {
    this.#rows.push({ item, requestor: null, matchedAt: null, createdAt: now, removed: false })
  }

  #add(items: readonly string[], now: string): Addition {
    const change: Addition = { added: 0, restored: 0, conflicts: [] }
    for (const item of new Set(items)) {
      if (this.#find(item)) continue
      const last = this.#rows.findLast((row) => row.item === item)
      if (!last) {
        this.#append(item, now)
        change.added++
      } else if (last.requestor !== null && this.#heldBy(last.requestor)) {
        change.conflicts.push(item)
      } else {
        last.removed = false
        change.restored++
      }
    }
    return change
  }
}

type Addition = Pick<StockAnswer, 'added' | 'restored' | 'conflicts'>

const countOf = (items: readonly string[], change: (item: string) => boolean) =>
  [...new Set(items)].filter(change).length

const countChanged = ({ added, restored, conflicts }: Addition) =>
  added + restored + conflicts.length

function told(counts: Omit<StockAnswer, 'success' | 'message' | 'kept'>): StockAnswer {
  const { added, restored, removed, released } = counts
  const parts = []
  if (added) parts.push(`Added ${added} items`)
  if (restored) parts.push(`Restored ${restored} items`)
  if (removed) parts.push(`Removed ${removed} items`)
  if (released) parts.push(`Released ${released} items`)
  return { success: true, message: parts.join(', ') || 'No changes made', ...counts }
}
