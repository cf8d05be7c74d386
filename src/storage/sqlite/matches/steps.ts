import type { Actor } from '../../../domain/actor.ts'
import type { Statement } from '../database.ts'
import type { Result } from '../drivers/client.ts'
import { tellStock } from '../records/tell-stock.ts'
import type { Assumptions } from './assumptions.ts'
import { confirmHeld } from './confirm.ts'
import { giveOldest, useSlots } from './give.ts'
import { givenOf, holdingOf } from './holding.ts'
import { keyOf } from './known.ts'
import type { Outcomes, Pending } from './match-batch.ts'
import { answer, asMatch } from './resolve.ts'

/**
 * What is left to write: items to give, holds to confirm, and namespaces to tidy up before they give any, or whose
 * hour is over, which is written down first.
 */
export type Steps = {
  gifts: readonly Pending[]
  confirmations: readonly Pending[]
  untidy: readonly string[]
  hoursOver: readonly string[]
}

/** Statements, and what becomes of the result of the one at `at`: who got or has what in `namespace`. */
type Plan = {
  statements: Statement[]
  at: number
  namespace: string
  pending: readonly Pending[]
  alreadyMatched: boolean
  matchedAt: number | undefined
  heldUntil: number | null
}[]

type Given = { ids: ReadonlyMap<Actor, number>; assumptions: Assumptions; now: number }

export function planGifts({ gifts, confirmations }: Steps, given: Given): Plan {
  const groups = Map.groupBy(
    gifts,
    ({ namespace, request }) => `${namespace} ${request.actor} ${request.holdSeconds ?? ''}`,
  )
  return [
    ...confirmations.map((each) => planConfirmation(each, given)),
    ...[...groups.values()].map((group) => planGift(group, given)),
  ]
}

function planConfirmation(each: Pending, { ids, now }: Given): Plan[number] {
  const { actor, requestId = null } = each.request
  const by = { actor: ids.get(actor) ?? null, requestId }
  return {
    statements: confirmHeld(each, { now, ...by }),
    at: 1,
    namespace: each.namespace,
    pending: [each],
    alreadyMatched: true,
    matchedAt: undefined,
    heldUntil: null,
  }
}

function planGift(group: readonly Pending[], { ids, assumptions, now }: Given): Plan[number] {
  const [first] = group
  if (!first) throw new Error('A group has no request.')
  const { namespace, request } = first
  const { folded, slotsUsed } = assumptions.of(namespace)
  const { watched } = assumptions
  const slots = slotsUsed || group.some(({ slot }) => slot !== '')
  const heldUntil = request.holdSeconds === undefined ? null : now + request.holdSeconds * 1_000
  const recipients = group.map(({ requestor, slot, request: { requestor: sent, requestId } }) => ({
    requestor,
    slot,
    shown: sent === requestor ? null : sent,
    requestId: requestId ?? null,
  }))
  const actor = ids.get(request.actor) ?? null
  return {
    statements: [
      ...(slots ? [useSlots(namespace)] : []),
      ...giveOldest({ namespace, recipients, actor, heldUntil, folded, slots, watched }, now),
      ...(watched ? tellStock(namespace, now) : []),
    ],
    at: slots ? 1 : 0,
    namespace,
    pending: group,
    alreadyMatched: false,
    matchedAt: now,
    heldUntil,
  }
}

/** Answers everybody whom a write gave an item, or kept one. */
export function takeResults(plan: Plan, results: readonly Result[], outcomes: Outcomes): void {
  let first = 0
  for (const { statements, at, namespace, pending, ...given } of plan) {
    const { matchedAt, heldUntil } = given
    const byKey = new Map(pending.map((each) => [each.key, each]))
    for (const row of results[first + at]?.rows ?? []) {
      const [requestor, slot] = [String(row['requestor']), String(row['slot'] ?? '')]
      const each = byKey.get(keyOf({ namespace, requestor, slot }))
      if (!each) throw new Error('Somebody got an item who had not asked.')
      const holding = matchedAt === undefined ? holdingOf(row) : givenOf(row, matchedAt, heldUntil)
      answer(each, asMatch(holding, given.alreadyMatched), outcomes)
    }
    first += statements.length
  }
}
