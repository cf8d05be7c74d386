import type { ListAnswer, MatchAnswer, StatsAnswer } from './caller.ts'
import type { ItemState } from './model-history.ts'
import {
  type BatchAnswer,
  beginOf,
  foldedBy,
  type Holder,
  Pool,
  type Row,
  type Settings,
  type Status,
  stepMs,
  time,
} from './model-pool.ts'

export type Ask = { requestor: string; slot?: string; holdSeconds?: number; replace?: string }
export type NewItem = string | { item: string; data?: Data; expiresAt?: string }
export type Release = string | { item: string; requestor: string }
export type Lists = {
  add?: NewItem[]
  remove?: string[]
  release?: Release[]
  set?: { item: string; data?: Data; expiresAt?: string }[]
  batch?: string
}
export type Replacement = { items: NewItem[]; removeMatched?: boolean; dryRun?: boolean }
export type Filter = {
  item?: string | undefined
  requestor?: string | undefined
  status?: Status | undefined
  batch?: string | undefined
  prefix?: string | undefined
}
/** An object of NDJSON. */
export type Line = {
  item: string
  requestor?: string | null
  slot?: string | null
  matchedAt?: string | null
  heldUntil?: string | null
  expiresAt?: string | null
  createdAt?: string | null
  batch?: string | null
  data?: Data | null
}
export type ImportOptions = {
  batch: string
  /** Whether the caller says the batch, and not the lines. */
  labelled: boolean
  matches?: 'keep' | 'drop'
  restore?: false
  dryRun?: true
}
type Data = Record<string, unknown>

/** What PATCH and PUT answer; PUT also with `kept`. */
export type StockAnswer = Counts & { success: true; message: string; kept?: number }
type Counts = {
  added: number
  restored: number
  removed: number
  released: number
  updated: number
  unchanged: number
  conflicts: string[]
}

/** The counts of an import, and the lines that it could not use. */
export type Imported = {
  message: string
  received: number
  added: number
  restored: number
  matched: number
  unchanged: number
  invalid: number
  leftRemoved: number
  expired: number
  errors: number[]
}

/**
 * One namespace as the contract describes it, and nothing else: what each call answers, at the time `now` (Unix ms).
 * Where the contract is silent:
 * - What happens at a time has happened at that time: a hold has lapsed at its `heldUntil`, an item is expired at its
 *   `expiresAt`, a namespace is open at `opensAt` and closed at `closesAt`.
 * - PATCH removes, then releases, then adds, then sets; PUT removes, then adds. An item comes back to its old place; of
 *   several items that do not all fit, the first in the list come back.
 * - The hold on a removed item lapses like any other.
 * - A release ends the life of an item: who held it before cannot confirm it any more.
 * - A conditional release is of live items only.
 * - An import of which no line could be used is among the batches nevertheless, unless no line could be read.
 * - What was available after a step is recorded with each call that writes, also if it then changes nothing: with a
 *   confirmation that may be late, and with settings that are refused.
 * - An import does what its lines say one after the other (but see `isAmbiguous`). A match is not brought along to a removed item that somebody
 *   else had, and an item that has expired is bound like one that is available.
 */
export class Model {
  #pool = new Pool()
  readonly #keyId: string

  constructor(keyId: string) {
    this.#keyId = keyId
  }

  match({ requestor, slot = '', holdSeconds, replace }: Ask, now: number): MatchAnswer {
    const pool = this.#at(now)
    const who = pool.who(requestor, slot)
    const own = pool.heldBy(who)
    const holder = (replaces: string | null): Holder => ({
      ...who,
      ...{ matchedAt: now, replaces },
      heldUntil: holdSeconds === undefined ? null : now + holdSeconds * 1_000,
    })
    if (own && replace === own.item) {
      const next = pool.next(now)
      const reason = pool.closedAt(now) ?? (next ? undefined : 'none_left')
      if (!next || reason) return refused(reason ?? 'none_left')
      pool.record(now)
      pool.bring(now, { removed: 1, matched: holdSeconds === undefined ? 1 : 0 })
      own.removed = true
      next.holder = holder(replace)
      return { ...given(next, false), replaced: true }
    }
    if (own) {
      if (holdSeconds === undefined) this.#confirm(own, now)
      const replaced = replace !== undefined && own.holder?.replaces === replace
      return { ...given(own, true), ...(replaced && { replaced }) }
    }
    const next = pool.next(now)
    const full = pool.standing(who.key) >= pool.limit ? 'limit_reached' : undefined
    const reason = pool.closedAt(now) ?? full ?? (next ? undefined : 'none_left')
    if (!next || reason) return refused(reason ?? 'none_left')
    pool.record(now)
    if (holdSeconds === undefined) pool.bring(now, { matched: 1 })
    next.holder = holder(null)
    return given(next, false)
  }

  confirm({ requestor, slot = '', item }: Ask & { item: string }, now: number): MatchAnswer {
    const pool = this.#at(now)
    const who = pool.who(requestor, slot)
    const own = pool.heldBy(who)
    if (own?.item === item) {
      this.#confirm(own, now)
      return given(own, true)
    }
    if (!own) pool.record(now, false)
    const row = pool.find(item)
    const held = row?.lapses.some(
      (lapsed) => lapsed.slot === who.slot && this.keyOf(lapsed.requestor) === who.key,
    )
    const takes = held && !own && row && pool.statusOf(row, now) === 'available'
    if (!takes || pool.standing(who.key) >= pool.limit) return lapsed
    row.holder = { ...who, matchedAt: now, heldUntil: null, replaces: null }
    pool.bring(now, { matched: 1 })
    return given(row, true)
  }

  /**
   * The answer to a PATCH, or `invalid` for an item in two of the lists, or twice in one in different words. That
   * changes nothing.
   */
  patch({ add = [], remove = [], release = [], set = [], batch }: Lists, now: number) {
    const lists = [add, remove, release, set].map((list) => new Set(list.map(itemOf)))
    const asked = new Set(lists.flatMap((list) => [...list])).size
    if (asked !== lists.reduce((sum, { size }) => sum + size, 0)) return 'invalid'
    if ([add, release, set].some(differs)) return 'invalid'
    const pool = this.#at(now)
    pool.record(now)
    if (batch !== undefined) this.#noteBatch(batch, new Set(add.map(itemOf)).size, now)
    const removed = countOf(remove, (item) => pool.remove(pool.find(item)))
    const released = countOf(release, (each) => this.#release(each, now))
    const change = this.#add(add, batch ?? null, now)
    const updated = countOf(set, ({ item, ...wanted }) => pool.set(item, wanted))
    pool.bring(now, { added: change.added + change.restored, released, removed })
    const unchanged = asked - removed - released - updated - countChanged(change)
    return told({ ...change, removed, released, updated, unchanged })
  }

  put(
    { items, removeMatched = false, dryRun = false }: Replacement,
    now: number,
  ): StockAnswer | 'invalid' {
    if (differs(items)) return 'invalid'
    const pool = this.#at(now)
    const before = structuredClone(pool.state)
    pool.record(now)
    const listed = new Set(items.map(itemOf))
    const unlisted = pool.live().filter(({ item }) => !listed.has(item))
    const gone = unlisted.filter(({ holder }) => holder === null || removeMatched)
    for (const row of gone) pool.remove(row)
    const change = this.#add(items, null, now)
    const unchanged = listed.size - countChanged(change)
    const counts = { ...change, removed: gone.length, released: 0, updated: 0, unchanged }
    pool.bring(now, { added: change.added + change.restored, removed: gone.length })
    if (dryRun) pool.state = before
    return { ...told(counts, dryRun), kept: unlisted.length - gone.length }
  }

  /** Returns `invalid` where nothing is done: for requestors without `matches`, and if no line can be used. */
  import(lines: readonly Line[], options: ImportOptions, now: number): Imported | 'invalid' {
    const { batch, matches, dryRun = false } = options
    if (matches === undefined && lines.some((line) => 'requestor' in line)) return 'invalid'
    const pool = this.#at(now)
    const before = structuredClone(pool.state)
    pool.record(now)
    this.#noteBatch(batch, lines.length, now)
    const { labelled } = options
    const labels = matches === 'keep' && !labelled ? lines.flatMap((line) => line.batch ?? []) : []
    for (const label of labels) this.#noteBatch(label, 0, now)
    const counts = { added: 0, restored: 0, matched: 0, unchanged: 0, invalid: 0, leftRemoved: 0 }
    const errors: number[] = []
    let expired = 0
    for (const [n, line] of lines.entries()) {
      const outcome = this.#importLine(matches === 'keep' ? line : withoutMatch(line), options, now)
      counts[outcome]++
      if (outcome === 'invalid') errors.push(n + 1)
      const row = pool.find(line.item)
      if (outcome === 'added' && row?.expiresAt && row.expiresAt <= now) expired++
    }
    const refused = counts.invalid === lines.length
    if (dryRun || refused) pool.state = before
    if (refused) return 'invalid'
    const { added, restored, matched } = counts
    const message = inWords({ Added: added, Restored: restored, Matched: matched }, dryRun)
    return { message, received: lines.length, ...counts, expired, errors }
  }

  /**
   * Whether a line brings back a removed item to somebody whom an earlier line gives another one. The contract does not
   * say which of them wins: it is the removed one if they are in one chunk.
   */
  isAmbiguous(lines: readonly Line[], now: number): boolean {
    const pool = this.#at(now)
    return lines.some((line, n) => {
      const key = pool.find(line.item) ? undefined : pool.last(line.item)?.holder?.key
      const others = lines.slice(0, n).map((other) => holderIn(other, pool, now)?.key)
      return key !== undefined && holderIn(line, pool, now) === null && others.includes(key)
    })
  }

  change(settings: Partial<Settings>, now: number): 'invalid' | 'conflict' | undefined {
    const pool = this.#at(now)
    if (contradict({ opensAt: null, closesAt: null, ...settings })) return 'invalid'
    pool.record(
      now,
      Object.values(settings).some((value) => value !== null),
    )
    const next = { ...pool.state.settings, ...settings }
    if (contradict(next)) return 'invalid'
    const refolds = foldedBy(next) !== foldedBy(pool.state.settings)
    if (refolds && pool.state.rows.some(({ holder }) => holder !== null)) return 'conflict'
    pool.state.settings = next
    return undefined
  }

  /** The requestor as it is compared. */
  keyOf(requestor: string): string {
    return this.#pool.who(requestor, '').key
  }

  settings(): Settings {
    return this.#pool.state.settings
  }

  list(filter: Filter, now: number): ListAnswer['items'] {
    const { item, requestor, status, batch, prefix } = filter
    const pool = this.#at(now)
    const key = requestor === undefined ? undefined : pool.who(requestor, '').key
    const rows = pool
      .current()
      .filter((row) => item === undefined || row.item === item)
      .filter(({ holder }) => key === undefined || holder?.key === key)
      .filter((row) => (status === undefined ? !row.removed : pool.statusOf(row, now) === status))
      .filter((row) => batch === undefined || row.batch === batch)
      .filter((row) => prefix === undefined || row.item.startsWith(prefix))
    if (prefix !== undefined) rows.sort((one, other) => (one.item < other.item ? -1 : 1))
    return rows.map((row) => listed(row, pool.statusOf(row, now)))
  }

  stats(now: number): StatsAnswer {
    const { total, removed: _, ...counts } = this.#counts(now, () => true)
    const dayAgo = beginOf(now, 'hour') - 23 * stepMs.hour
    const { matched: perDay } = this.#pool.broughtFrom(dayAgo, now + 1)
    const runsOutAt = perDay === 0 ? null : time(now + (counts.available * stepMs.day) / perDay)
    return { total, ...counts, perDay, runsOutAt }
  }

  /** The points of steps from the one of `from` on until now. */
  history(step: keyof typeof stepMs, from: number, now: number) {
    const { recorded } = this.#at(now).state
    const since = beginOf(Math.max(from, recorded[0]?.now ?? Infinity), step)
    const length = Math.max(0, Math.floor((now - since) / stepMs[step]) + 1)
    return Array.from({ length }, (_, n) => {
      const [at, end] = [since + n * stepMs[step], since + (n + 1) * stepMs[step]]
      const after = recorded.find(({ now: when }) => when >= end)
      const { available } = after ?? { available: this.#pool.available(now) }
      return { at: time(at), ...this.#pool.broughtFrom(at, end), available }
    })
  }

  sweep(now: number): void {
    this.#at(now).record(now, false)
  }

  /** The latest first. */
  batches(): BatchAnswer[] {
    return [...this.#pool.state.batches.values()].reverse()
  }

  batch(batch: string, now: number) {
    const known = this.#pool.state.batches.get(batch)
    const { total: _, ...counts } = this.#counts(now, (row) => row.batch === batch)
    return known && { ...known, ...counts }
  }

  /** What became of each item. */
  states(now: number): ItemState[] {
    return this.#at(now)
      .current()
      .map(({ item, removed, holder }) => ({
        ...{ item, removed, requestor: holder?.requestor ?? null, slot: holder?.slot || null },
        held: holder !== null && holder.heldUntil !== null,
      }))
  }

  takeBack(batch: string, now: number) {
    const pool = this.#at(now)
    if (!pool.state.batches.has(batch)) return undefined
    const rows = pool.live().filter((row) => row.batch === batch)
    const gone = rows.filter(({ holder }) => holder === null)
    pool.record(now)
    pool.bring(now, { removed: gone.length })
    for (const row of gone) row.removed = true
    const message = inWords({ Removed: gone.length })
    return { success: true, message, removed: gone.length, kept: rows.length - gone.length }
  }

  #confirm({ holder }: Row, now: number) {
    if (!holder || holder.heldUntil === null) return
    this.#pool.record(now)
    this.#pool.bring(now, { matched: 1 })
    holder.heldUntil = null
  }

  #at(now: number): Pool {
    this.#pool.lapse(now)
    return this.#pool
  }

  #counts(now: number, wanted: (row: Row) => boolean) {
    const pool = this.#at(now)
    const counts = { matched: 0, available: 0, held: 0, expired: 0, removed: 0 }
    for (const row of pool.current()) if (wanted(row)) counts[pool.statusOf(row, now)]++
    return { total: pool.live().filter(wanted).length, ...counts }
  }

  #noteBatch(batch: string, received: number, now: number) {
    const { batches } = this.#pool.state
    const known = batches.get(batch)
    if (known) known.received += received
    else batches.set(batch, { batch, at: time(now), by: { keyId: this.#keyId }, received })
  }

  #release(each: Release, now: number): boolean {
    const pool = this.#pool
    const row = pool.find(itemOf(each))
    const ended = row ?? pool.last(itemOf(each))
    if (!ended?.holder) return false
    if (typeof each !== 'string') {
      if (!row || ended.holder.key !== pool.who(each.requestor, '').key) return false
    }
    ended.removed = true
    const { item, data, expiresAt, batch } = ended
    pool.append({ item, data, expiresAt, batch, createdAt: now })
    return true
  }

  #add(items: readonly NewItem[], batch: string | null, now: number): Addition {
    const pool = this.#pool
    const change: Addition = { added: 0, restored: 0, conflicts: [] }
    for (const each of firsts(items)) {
      const item = itemOf(each)
      if (pool.find(item)) continue
      const last = pool.last(item)
      if (!last) {
        const { data = null, expiresAt } = typeof each === 'string' ? {} : each
        pool.append({ item, data, expiresAt: msOf(expiresAt), batch, createdAt: now })
        change.added++
      } else if (last.holder && !pool.fits(last.holder)) {
        change.conflicts.push(item)
      } else {
        last.removed = false
        change.restored++
      }
    }
    return change
  }

  #importLine(line: Line, options: ImportOptions, now: number): LineOutcome {
    const { batch, labelled, restore } = options
    const pool = this.#pool
    const holder = holderIn(line, pool, now)
    const row = pool.find(line.item)
    if (row) {
      if (!holder || pool.isHeldBy(row, holder)) return 'unchanged'
      if (row.holder || pool.heldBy(holder)) return 'invalid'
      row.holder = holder
      return 'matched'
    }
    const last = pool.last(line.item)
    if (last && restore === false) return 'leftRemoved'
    if (last) {
      if (holder ? pool.heldBy(holder) : last.holder && !pool.fits(last.holder)) return 'invalid'
      if (holder && last.holder && !pool.isHeldBy(last, holder)) return 'invalid'
      last.removed = false
      last.holder ??= holder
      pool.bring(now, { added: 1 })
      return 'restored'
    }
    if (holder && pool.heldBy(holder)) return 'invalid'
    pool.bring(now, { added: 1 })
    pool.append({
      ...{ item: line.item, data: line.data ?? null, expiresAt: msOf(line.expiresAt) },
      batch: line.batch === undefined || labelled ? batch : line.batch,
      createdAt: msOf(line.createdAt) ?? now,
      holder,
    })
    return holder ? 'matched' : 'added'
  }
}

type Addition = Pick<Counts, 'added' | 'restored' | 'conflicts'>
type LineOutcome = 'added' | 'restored' | 'matched' | 'unchanged' | 'invalid' | 'leftRemoved'

/** What a line says of a match, unless that was a hold which has lapsed. */
function holderIn(line: Line, pool: Pool, now: number): Holder | null {
  const heldUntil = msOf(line.heldUntil)
  if (!line.requestor || (heldUntil !== null && heldUntil <= now)) return null
  const matchedAt = msOf(line.matchedAt) ?? now
  return { ...pool.who(line.requestor, line.slot ?? ''), matchedAt, heldUntil, replaces: null }
}

const withoutMatch = ({ item, expiresAt = null, data = null }: Line): Line => ({
  ...{ item, expiresAt, data },
})

const itemOf = (each: string | { item: string }) => (typeof each === 'string' ? each : each.item)
const msOf = (text: string | null | undefined) => (text == null ? null : Date.parse(text))

type Wanted = { data?: unknown; expiresAt?: unknown; requestor?: string }

/** Whether elements with the same item want different things of it. */
function differs(list: readonly (string | ({ item: string } & Wanted))[]): boolean {
  const wanted = list.map((each) => {
    const { data, expiresAt, requestor }: Wanted = typeof each === 'string' ? {} : each
    return JSON.stringify([itemOf(each), data, expiresAt, requestor])
  })
  return new Set(wanted).size > new Set(list.map(itemOf)).size
}

/** Of those with the same item, the first. */
const firsts = <Each extends string | { item: string }>(list: readonly Each[]): Each[] =>
  list.filter((each, n) => list.findIndex((other) => itemOf(other) === itemOf(each)) === n)

const countOf = <Each extends string | { item: string }>(
  list: readonly Each[],
  change: (each: Each) => boolean,
) => firsts(list).filter(change).length

const countChanged = ({ added, restored, conflicts }: Addition) =>
  added + restored + conflicts.length

const refusals = {
  paused: 'This namespace is paused',
  not_open: 'This namespace is not open yet',
  closed: 'This namespace is closed',
  limit_reached: 'This requestor has as many items as this namespace allows',
  none_left: 'No available items in this namespace',
}

const refused = (reason: keyof typeof refusals): MatchAnswer => ({
  ...{ success: false, reason, message: refusals[reason] },
})
const lapsed: MatchAnswer = {
  success: false,
  reason: 'hold_lapsed',
  message: 'This requestor holds this item no longer',
}

function given({ item, data, expiresAt, holder }: Row, alreadyMatched: boolean): MatchAnswer {
  if (!holder) throw new Error('Nobody has this item.')
  const { matchedAt, heldUntil } = holder
  const held = alreadyMatched ? 'Item already held for this requestor' : 'Item successfully held'
  const matched = alreadyMatched
    ? 'Item already assigned to this requestor'
    : 'Item successfully matched'
  return {
    ...{ success: true, item, data, expiresAt: expiresAt === null ? null : time(expiresAt) },
    ...(heldUntil !== null && { heldUntil: time(heldUntil) }),
    ...{ matchedAt: time(matchedAt), alreadyMatched },
    message: heldUntil === null ? matched : held,
  }
}

function listed({ item, holder, data, expiresAt, createdAt, batch }: Row, status: Status) {
  const orNull = (ms: number | null | undefined) => (ms == null ? null : time(ms))
  return {
    ...{ item, requestor: holder?.requestor ?? null, slot: holder?.slot || null, data },
    ...{ matchedAt: orNull(holder?.matchedAt), heldUntil: orNull(holder?.heldUntil) },
    ...{ expiresAt: orNull(expiresAt), createdAt: time(createdAt), batch, status },
  }
}

function told(counts: Counts, dryRun = false): StockAnswer {
  const { added, restored, removed, released, updated } = counts
  const parts = { Added: added, Restored: restored, Removed: removed, Released: released }
  return { success: true, message: inWords({ ...parts, Updated: updated }, dryRun), ...counts }
}

function inWords(counts: Record<string, number>, dryRun = false): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  const words = parts.map(([verb, count]) => `${verb} ${count} items`).join(', ')
  return `${dryRun ? 'Dry run, nothing was changed: ' : ''}${words || 'No changes made'}`
}

const contradict = ({ opensAt, closesAt }: Pick<Settings, 'opensAt' | 'closesAt'>) =>
  opensAt !== null && closesAt !== null && closesAt <= opensAt
