export type Status = 'available' | 'matched' | 'held' | 'expired' | 'removed'

/** The settings that decide who gets what; times are Unix milliseconds, and null is the default. */
export type Settings = {
  paused: boolean | null
  opensAt: number | null
  closesAt: number | null
  expiryMarginSeconds: number | null
  itemsPerRequestor: number | null
  requestors: 'exact' | 'folded' | null
}

/** Who: `key` is the requestor as it is compared. */
type Who = { key: string; requestor: string; slot: string }
export type Holder = Who & { matchedAt: number; heldUntil: number | null; replaces: string | null }

/** A life of an item. `lapses` are the holds on it that nobody confirmed in time. */
export type Row = {
  item: string
  holder: Holder | null
  data: Record<string, unknown> | null
  expiresAt: number | null
  createdAt: number
  batch: string | null
  removed: boolean
  lapses: Holder[]
}
export type BatchAnswer = { batch: string; at: string; by: { keyId: string }; received: number }
/** What an hour, or another step, has brought. */
type Brought = { added: number; matched: number; released: number; removed: number }
type NewRow = Omit<Row, 'holder' | 'removed' | 'lapses'> & { holder?: Holder | null }

export const time = (ms: number) => new Date(ms).toISOString()
export const foldedBy = ({ requestors }: Settings) => requestors === 'folded'

export const stepMs = { hour: 3_600_000, day: 86_400_000 }
export const beginOf = (ms: number, step: keyof typeof stepMs) => ms - (ms % stepMs[step])

const defaults: Settings = {
  ...{ paused: null, opensAt: null, closesAt: null },
  ...{ expiryMarginSeconds: null, itemsPerRequestor: null, requestors: null },
}

/** The state of a namespace: its rows in the order in which they were added, and what follows from them. */
export class Pool {
  state = {
    /** Whether something has brought it into being, if only a setting. */
    exists: false,
    settings: defaults,
    rows: [] as Row[],
    batches: new Map<string, BatchAnswer>(),
    /** By when an hour begins. */
    brought: new Map<number, Brought>(),
    /** With each change and sweep: when it was, and what was available. */
    recorded: [] as { now: number; available: number }[],
  }

  get limit(): number {
    return this.state.settings.itemsPerRequestor ?? 1
  }

  /** Ends the holds whose time has come. */
  lapse(now: number): void {
    for (const row of this.state.rows) {
      const { holder } = row
      if (!holder || holder.heldUntil === null || holder.heldUntil > now) continue
      row.lapses.push(holder)
      row.holder = null
    }
  }

  who(requestor: string, slot: string): Who {
    const key = foldedBy(this.state.settings)
      ? requestor.trim().normalize('NFC').toLowerCase()
      : requestor
    return { key, requestor, slot }
  }

  live(): Row[] {
    return this.state.rows.filter(({ removed }) => !removed)
  }

  /** The latest life of each item. */
  current(): Row[] {
    return this.state.rows.filter((row) => this.last(row.item) === row)
  }

  find(item: string): Row | undefined {
    return this.live().find((row) => row.item === item)
  }

  last(item: string): Row | undefined {
    return this.state.rows.findLast((row) => row.item === item)
  }

  heldBy(who: Who): Row | undefined {
    return this.live().find((row) => this.isHeldBy(row, who))
  }

  isHeldBy({ holder }: Row, { key, slot }: Who): boolean {
    return holder?.key === key && holder.slot === slot
  }

  standing(key: string): number {
    return this.live().filter(({ holder }) => holder?.key === key).length
  }

  /** Whether somebody may have one more item, in this slot. */
  fits(who: Who): boolean {
    return !this.heldBy(who) && this.standing(who.key) < this.limit
  }

  next(now: number): Row | undefined {
    return this.live().find((row) => this.statusOf(row, now) === 'available')
  }

  available(now: number): number {
    return this.live().filter((row) => this.statusOf(row, now) === 'available').length
  }

  /** Records what is available, before it changes; by what brings nothing into being, only where something is. */
  record(now: number, brings = true): void {
    this.state.exists ||= brings
    if (this.state.exists) this.state.recorded.push({ now, available: this.available(now) })
  }

  bring(now: number, more: Partial<Brought>): void {
    const hour = beginOf(now, 'hour')
    this.state.brought.set(hour, sum([this.broughtFrom(hour, now + 1), more]))
  }

  broughtFrom(from: number, to: number): Brought {
    const hours = [...this.state.brought].filter(([hour]) => hour >= from && hour < to)
    return sum(hours.map(([, brought]) => brought))
  }

  closedAt(now: number): 'paused' | 'not_open' | 'closed' | undefined {
    const { paused, opensAt, closesAt } = this.state.settings
    if (paused) return 'paused'
    if (opensAt !== null && opensAt > now) return 'not_open'
    return closesAt !== null && closesAt <= now ? 'closed' : undefined
  }

  statusOf({ removed, holder, expiresAt }: Row, now: number): Status {
    if (removed) return 'removed'
    if (holder) return holder.heldUntil === null ? 'matched' : 'held'
    const margin = 1_000 * (this.state.settings.expiryMarginSeconds ?? 0)
    return expiresAt !== null && expiresAt <= now + margin ? 'expired' : 'available'
  }

  remove(row: Row | undefined): boolean {
    if (row) row.removed = true
    return row !== undefined
  }

  append(row: NewRow): void {
    this.state.rows.push({ holder: null, removed: false, lapses: [], ...row })
  }

  /** Changes what is given of a live item; `{}` and `never` take it off. */
  set(item: string, { data, expiresAt }: { data?: Row['data']; expiresAt?: string }): boolean {
    const row = this.find(item)
    if (!row) return false
    const before = JSON.stringify([row.data, row.expiresAt])
    if (data != null) row.data = Object.keys(data).length === 0 ? null : data
    if (expiresAt !== undefined)
      row.expiresAt = expiresAt === 'never' ? null : Date.parse(expiresAt)
    return JSON.stringify([row.data, row.expiresAt]) !== before
  }
}

const sum = (all: Partial<Brought>[]): Brought => {
  const of = (name: keyof Brought) => all.reduce((total, each) => total + (each[name] ?? 0), 0)
  const [added, matched] = [of('added'), of('matched')]
  return { added, matched, released: of('released'), removed: of('removed') }
}
