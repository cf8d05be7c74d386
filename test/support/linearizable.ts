import type { MatchAnswer } from './caller.ts'

/** What is asked: a match, to keep an item that was held, or to pause the namespace or not. */
export type Ask =
  | { do: 'match'; requestor: string; slot?: string; holdSeconds?: number; replace?: string }
  | { do: 'confirm'; requestor: string; slot?: string; item: string }
  | { do: 'pause'; paused: boolean }

/**
 * One call, as its caller saw it. `invokedAt` and `answeredAt` are places in one order of events, in which no two are
 * equal; between `from` and `until`, on the clock that the servers have, it was decided. `answer` is the body of a 200,
 * or anything else for a call that failed.
 */
export type Operation = {
  ask: Ask
  server: number
  invokedAt: number
  answeredAt: number
  from: number
  until: number
  answer: MatchAnswer | { status: number }
}

type Who = { requestor: string; slot: string }
type Holder = Who & { matchedAt: number; heldUntil: number | null; replaces: string | null }
/** `lapsed` are those whose holds another one has followed. */
type Item = { item: string; holder: Holder | null; removed: boolean; lapsed: readonly Who[] }
/** The items in the order of the queue, and how many of them one requestor may have. */
type Pool = { items: readonly Item[]; paused: boolean; limit: number }

/**
 * Whether there is an order of the operations in which each has the answer that the specification gives
 * it, and in which none comes before one that was answered before it was invoked (Herlihy and Wing,
 * 1990). At most 30 operations. `items` are the pool at the start, the oldest first.
 *
 * A hold stands or has lapsed by the time at which the process decides, which is only known to be between the
 * operation's `from` and `until`, and need not be in the order of the operations: so each such time is tried. What ends
 * later, but by `until`, may also have lapsed already, because another operation has taken it back before: all of it, or
 * what ended by the time of that operation.
 */
export function isLinearizable(
  items: readonly string[],
  history: readonly Operation[],
  limit = 1,
): boolean {
  if (history.length > 30) throw new RangeError('A set of operations must fit in a number.')
  const everything = 2 ** history.length - 1
  const deadEnds = new Set<string>()

  const canFollow = (done: number, pool: Pool): boolean => {
    if (done === everything) return true
    const state = `${done} ${JSON.stringify(pool)}`
    if (deadEnds.has(state)) return false
    deadEnds.add(state)
    const rest = [...history.entries()].filter(([n]) => (done & (1 << n)) === 0)
    const firstAnsweredAt = Math.min(...rest.map(([, { answeredAt }]) => answeredAt))
    return rest.some(([n, operation]) => {
      if (operation.invokedAt > firstAnsweredAt) return false
      return nextPools(pool, operation).some((next) => canFollow(done | (1 << n), next))
    })
  }
  const start = items.map((item) => ({ item, holder: null, removed: false, lapsed: [] }))
  return canFollow(0, { items: start, paused: false, limit })
}

/** The sequential specification: the pools that there may be after this answer, none if the answer is wrong. */
function nextPools(pool: Pool, { ask, answer, from, until }: Operation): Pool[] {
  if (!('success' in answer)) return []
  if (ask.do === 'pause') return [{ ...pool, paused: ask.paused }]
  const matchedAt = msOf(answer.matchedAt)
  const isNew = answer.success && answer.alreadyMatched === false
  if (isNew && !(matchedAt >= from && matchedAt <= until)) return []
  const ends = pool.items.flatMap(({ holder }) => holder?.heldUntil ?? [])
  const times = (from: number) => [from, ...ends.filter((end) => end > from && end <= until)]
  return (isNew ? [matchedAt] : times(from)).flatMap((time) =>
    times(time).flatMap((lapsedUntil) => {
      const view = new View(pool, time, lapsedUntil)
      const next = ask.do === 'match' ? match(view, ask, answer) : confirm(view, ask, answer, until)
      return next ?? []
    }),
  )
}

type Of<Do extends Ask['do']> = Extract<Ask, { do: Do }>

function match(view: View, ask: Of<'match'>, answer: MatchAnswer): Pool | undefined {
  const who = { requestor: ask.requestor, slot: ask.slot ?? '' }
  const own = view.itemOf(who)
  const next = view.pool.items.find((each) => view.isFree(each))
  const closed = view.pool.paused ? 'paused' : undefined
  const none = next ? undefined : 'none_left'
  if (own?.holder && own.item !== ask.replace) {
    const heldUntil = ask.holdSeconds === undefined ? null : own.holder.heldUntil
    const holder = { ...own.holder, heldUntil }
    const isRight = isGiven(answer, { ...own, holder }, true)
    const replaced = ask.replace !== undefined && own.holder.replaces === ask.replace
    return isRight && (answer.replaced ?? false) === replaced
      ? view.with([{ ...own, holder }])
      : undefined
  }
  const full = !own && view.standing(who) >= view.pool.limit ? 'limit_reached' : undefined
  const reason = closed ?? full ?? none
  if (reason || !next) return answer.reason === reason ? view.with([]) : undefined
  const matchedAt = msOf(answer.matchedAt)
  const heldUntil = ask.holdSeconds === undefined ? null : matchedAt + ask.holdSeconds * 1_000
  const replaces = own?.item ?? null
  const given = view.give(next, { ...who, matchedAt, heldUntil, replaces })
  if (!isGiven(answer, given, false) || (answer.replaced ?? false) !== (own !== undefined)) return
  return view.with(own ? [given, { ...own, holder: null, removed: true }] : [given])
}

function confirm(
  view: View,
  ask: Of<'confirm'>,
  answer: MatchAnswer,
  until: number,
): Pool | undefined {
  const who = { requestor: ask.requestor, slot: ask.slot ?? '' }
  const own = view.itemOf(who)
  if (own?.holder && own.item === ask.item) {
    const kept = { ...own, holder: { ...own.holder, heldUntil: null } }
    return isGiven(answer, kept, true) ? view.with([kept]) : undefined
  }
  const asked = view.pool.items.find(({ item }) => item === ask.item)
  const had = asked && [...asked.lapsed, ...(asked.holder ? [asked.holder] : [])]
  const lapsed = had?.some((each) => each.requestor === who.requestor && each.slot === who.slot)
  const takes =
    !own && asked && lapsed && view.isFree(asked) && view.standing(who) < view.pool.limit
  if (!asked || !takes) return answer.reason === 'hold_lapsed' ? view.with([]) : undefined
  const matchedAt = msOf(answer.matchedAt)
  if (!(matchedAt >= view.time && matchedAt <= until)) return undefined
  const taken = { ...who, matchedAt, heldUntil: null, replaces: null }
  const given = view.give(asked, taken)
  return isGiven(answer, given, true) ? view.with([given]) : undefined
}

/** A pool at a time, in which what ends by `lapsedUntil` has lapsed. */
class View {
  readonly pool: Pool
  readonly time: number
  readonly #lapsedUntil: number

  constructor(pool: Pool, time: number, lapsedUntil: number) {
    this.pool = pool
    this.time = time
    this.#lapsedUntil = lapsedUntil
  }

  itemOf({ requestor, slot }: Who): Item | undefined {
    return this.pool.items.find(
      ({ holder }) =>
        this.#stands(holder) && holder?.requestor === requestor && holder.slot === slot,
    )
  }

  isFree({ removed, holder }: Item): boolean {
    return !removed && !this.#stands(holder)
  }

  standing({ requestor }: Who): number {
    return this.pool.items.filter(
      ({ holder }) => this.#stands(holder) && holder?.requestor === requestor,
    ).length
  }

  give({ item, holder, removed, lapsed }: Item, to: Holder): Item {
    const before = holder ? [{ requestor: holder.requestor, slot: holder.slot }] : []
    return { item, removed, holder: to, lapsed: [...lapsed, ...before] }
  }

  /** The pool after a change of some items. */
  with(changed: readonly Item[]): Pool {
    const items = this.pool.items.map(
      (each) => changed.find(({ item }) => item === each.item) ?? each,
    )
    return { ...this.pool, items }
  }

  #stands(holder: Holder | null): boolean {
    if (holder === null) return false
    return holder.heldUntil === null || holder.heldUntil > this.#lapsedUntil
  }
}

const msOf = (text: string | undefined) => (text === undefined ? Number.NaN : Date.parse(text))

function isGiven(answer: MatchAnswer, { item, holder }: Item, alreadyMatched: boolean): boolean {
  const { success, heldUntil } = answer
  return (
    success &&
    answer.item === item &&
    answer.alreadyMatched === alreadyMatched &&
    msOf(answer.matchedAt) === holder?.matchedAt &&
    (heldUntil === undefined ? null : msOf(heldUntil)) === holder.heldUntil
  )
}
