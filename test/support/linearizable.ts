import type { MatchAnswer } from './caller.ts'

/**
 * One `match`, as its caller saw it. `invokedAt` and `answeredAt` are places in one order of events, in
 * which no two are equal; `answer` is the body of a 200, or anything else for a call that failed.
 */
export type Operation = {
  requestor: string
  server: number
  invokedAt: number
  answeredAt: number
  answer: MatchAnswer | { status: number }
}

type Held = { item: string; matchedAt: string }
type Pool = { available: readonly string[]; held: ReadonlyMap<string, Held> }

/**
 * Whether there is an order of the operations in which each has the answer that the specification gives
 * it, and in which none comes before one that was answered before it was invoked (Herlihy and Wing,
 * 1990). At most 30 operations. `items` are the pool at the start, the oldest first.
 */
export function isLinearizable(items: readonly string[], history: readonly Operation[]): boolean {
  if (history.length > 30) throw new RangeError('A set of operations must fit in a number.')
  const everything = 2 ** history.length - 1
  // What a set of operations leaves behind does not depend on their order: each names what it did.
  const deadEnds = new Set<number>()

  const canFollow = (done: number, pool: Pool): boolean => {
    if (done === everything) return true
    if (deadEnds.has(done)) return false
    deadEnds.add(done)
    const rest = [...history.entries()].filter(([n]) => (done & (1 << n)) === 0)
    const firstAnsweredAt = Math.min(...rest.map(([, { answeredAt }]) => answeredAt))
    return rest.some(([n, operation]) => {
      if (operation.invokedAt > firstAnsweredAt) return false
      const next = follow(pool, operation)
      return next !== undefined && canFollow(done | (1 << n), next)
    })
  }
  return canFollow(0, { available: items, held: new Map() })
}

/** The sequential specification: the pool after this answer, or undefined if the answer is wrong. */
function follow(pool: Pool, { requestor, answer }: Operation): Pool | undefined {
  const [oldest, ...younger] = pool.available
  const held = pool.held.get(requestor)
  if (!('success' in answer)) return undefined
  const { success, item, matchedAt, alreadyMatched } = answer
  if (held) {
    const same = success && item === held.item && matchedAt === held.matchedAt
    return same && alreadyMatched ? pool : undefined
  }
  if (oldest === undefined) return success || item !== undefined ? undefined : pool
  if (!success || item !== oldest || matchedAt === undefined || alreadyMatched) return undefined
  return { available: younger, held: new Map(pool.held).set(requestor, { item, matchedAt }) }
}
