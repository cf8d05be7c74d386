import { ZaasError } from '../../../domain/errors.ts'
import type { Match, RefusalReason } from '../../../domain/match.ts'
import { type Holding, type Known, type NamespaceNow, requestorKey } from './known.ts'
import type { Outcomes, Pending } from './match-batch.ts'
import type { Steps } from './steps.ts'

/**
 * Answers who has an item already and who gets none, and returns the others. An item that was matched at `newAt`
 * came from a write whose answer was lost, and counts as new.
 */
export function resolve(
  pending: readonly Pending[],
  known: Known,
  { outcomes, now, newAt }: { outcomes: Outcomes; now: number; newAt: number | undefined },
): Steps {
  const gifts: Pending[] = []
  const confirmations: Pending[] = []
  const untidy = new Set<string>()
  for (const each of pending) {
    const pool = known.namespaces.get(each.namespace)
    const holding = standing(known.holdings.get(each.key), now)
    const reason = refusalOf(pool, known.counts.get(requestorKey(each)) ?? 0, now)
    if (holding && !confirms(each, holding))
      answer(each, asMatch(holding, holding.matchedAt !== newAt), outcomes)
    else if (holding) confirmations.push(each)
    else if (reason) for (const place of each.places) outcomes[place] = { kind: 'refused', reason }
    else {
      gifts.push(each)
      if (pool?.untidy) untidy.add(each.namespace)
    }
  }
  const over = ({ namespace }: Pending) => known.namespaces.get(namespace)?.hourOver
  // Where nothing is available until it is tidy, this round gives nothing, and so must not end the hour.
  const given = gifts.filter(({ namespace }) => known.namespaces.get(namespace)?.hasStock)
  const hoursOver = [...confirmations, ...given].filter(over).map(({ namespace }) => namespace)
  return { gifts, confirmations, untidy: [...untidy], hoursOver: [...new Set(hoursOver)] }
}

/** Not of an item that is to be replaced instead. */
const confirms = ({ request }: Pending, { item, heldUntil }: Holding) =>
  heldUntil !== null && request.holdSeconds === undefined && request.replace !== item

/** What the requestor has, unless the hold has lapsed. */
export const standing = (holding: Holding | undefined, now: number): Holding | undefined =>
  holding && (holding.heldUntil === null || holding.heldUntil > now) ? holding : undefined

/** Why somebody new gets nothing, or undefined. */
export function refusalOf(
  pool: NamespaceNow | undefined,
  count: number,
  now: number,
): RefusalReason | undefined {
  if (!pool) return 'none_left'
  if (pool.paused) return 'paused'
  if (pool.opensAt !== null && pool.opensAt > now) return 'not_open'
  if (pool.closesAt !== null && pool.closesAt <= now) return 'closed'
  if (count >= pool.itemsPerRequestor) return 'limit_reached'
  return pool.hasStock || pool.untidy ? undefined : 'none_left'
}

export const asMatch = (holding: Omit<Holding, 'replaces'>, alreadyMatched: boolean): Match => ({
  kind: 'matched',
  item: holding.item,
  data: holding.data,
  expiresAt: holding.expiresAt,
  matchedAt: holding.matchedAt,
  heldUntil: holding.heldUntil,
  alreadyMatched,
})

/** The first of several requests is answered so, and the others as repeats. */
export function answer({ places }: Pending, match: Match, outcomes: Outcomes): void {
  const repeat = { ...match, alreadyMatched: true }
  for (const [index, place] of places.entries()) outcomes[place] = index === 0 ? match : repeat
}

/** For a call that each try has found in need of another one. */
export const undecided = () =>
  new ZaasError(
    'unavailable',
    'This could not be decided in time: the namespace keeps changing, or much has lapsed or expired in it.',
  )
