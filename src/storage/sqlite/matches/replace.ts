import type { WriteContext } from '../../../domain/actor.ts'
import type { MatchOutcome, MatchRequest } from '../../../domain/match.ts'
import { limits } from '../../../limits.ts'
import { UnknownOutcome } from '../../engine/retry.ts'
import type { Database, Statement } from '../database.ts'
import { type By, byOf } from '../records/actors.ts'
import { lastChange, noteChange } from '../records/changes.ts'
import { countRows } from '../records/counts.ts'
import { rollHours } from '../records/hours.ts'
import { stageRemoved } from '../records/outbox.ts'
import { tellStock } from '../records/tell-stock.ts'
import type { Assumptions } from './assumptions.ts'
import { giveOldest, givesNow } from './give.ts'
import { givenOf } from './holding.ts'
import { type Asked, anyAvailable, keyOf, readKnown } from './known.ts'
import { matchBatch } from './match-batch.ts'
import { asMatch, refusalOf, standing, undecided } from './resolve.ts'
import { tidyForGift } from './tidy.ts'

/**
 * Gives the requestor another item if it has the item `replace` in this slot, which is removed, in one transaction.
 * Otherwise does what a match does: so a repeat finds the item that was given instead. Where nothing can be given,
 * the requestor keeps what it has, and the outcome is the reason. Throws as `matchBatch` does.
 */
export async function replaceMatch(
  db: Database,
  { replace, ...request }: MatchRequest & { replace: string },
  context: WriteContext,
  assumptions: Assumptions,
): Promise<MatchOutcome> {
  const { namespace, slot = '', requestor } = request
  const { now } = context
  const untilMs = performance.now() + limits.batch.writesMs
  while (performance.now() < untilMs) {
    const asked = { namespace, slot, requestor: assumptions.compared(namespace, requestor) }
    const known = await readKnown(db, [asked], { now, slots: true })
    if (assumptions.correct(known.namespaces)) continue
    const pool = known.namespaces.get(namespace)
    const holding = standing(known.holdings.get(keyOf(asked)), now)
    if (holding?.item !== replace) {
      const [outcome] = await matchBatch(db, [{ ...request, replace, ...context }], { assumptions })
      if (!outcome) throw new Error('A batch left a request without an outcome.')
      if (outcome.kind === 'refused' || !outcome.alreadyMatched) return outcome
      // Another call of the same requestor has come in between.
      if (outcome.item !== holding?.item) continue
      return holding.replaces === replace ? { ...outcome, replaced: true } : outcome
    }
    const reason = refusalOf(pool, 0, now)
    if (reason) return { kind: 'refused', reason }
    const by = await byOf(db, context)
    const shown = asked.requestor === requestor ? null : requestor
    const heldUntil = request.holdSeconds === undefined ? null : now + request.holdSeconds * 1_000
    // Also where nothing seems untidy, so that if anything is available, something can be given.
    const tidying = tidyForGift(namespace, now, [asked.requestor])
    const statements = replaceHeld({ asked, shown, replace, heldUntil, folded: !!pool?.folded }, by)
    const first = [
      ...(pool?.hourOver && pool.hasStock ? rollHours([namespace], now) : []),
      ...tidying,
    ]
    const results = await db.write([...first, ...statements]).catch(noneIfUnknown)
    const [row] = results[first.length + givenAt]?.rows ?? []
    if (row) return { ...asMatch(givenOf(row, now, heldUntil), false), replaced: true }
  }
  throw undecided()
}

type Replacement = {
  asked: Asked
  shown: string | null
  replace: string
  heldUntil: number | null
  folded: boolean
}

/** Of the statements below, the one that returns the item that was given. */
const givenAt = 3

// If the item cannot be removed, because the requestor has lost it or nothing can be given any more, nothing happens.
const replaceHeld = (
  { asked: { namespace, requestor, slot }, shown, replace, heldUntil, folded }: Replacement,
  by: By,
): Statement[] => {
  const params = [by.now, requestor, slot, replace]
  const recipients = [{ requestor, slot, shown, requestId: by.requestId }]
  return [
    noteChange({ namespace, kind: 'items' }, by),
    countRows(
      namespace,
      '-',
      `SELECT * FROM items INDEXED BY items_live_holder_unique WHERE ${replaceable}`,
      params,
      'removed',
    ),
    {
      sql: `UPDATE items INDEXED BY items_live_holder_unique
            SET deleted_at = ?2, removed_change = ${lastChange}, end_kind = 'replaced' WHERE ${replaceable}`,
      params: [namespace, ...params],
    },
    ...giveOldest(
      { namespace, recipients, actor: by.actor, heldUntil, folded, slots: true, inExchange: true },
      by.now,
    ),
    {
      sql: `UPDATE items INDEXED BY items_live_holder_unique SET replaces = ?5
            WHERE namespace = ?1 AND requestor = ?3 AND slot = ?4 AND deleted_at IS NULL AND changes() > 0`,
      params: [namespace, ...params],
    },
    ...stageRemoved(namespace, by.now),
    ...tellStock(namespace, by.now),
  ]
}

const replaceable = `namespace = ?1 AND requestor = ?3 AND slot = ?4 AND deleted_at IS NULL AND item = ?5
  AND EXISTS (SELECT 1 FROM namespaces AS pool WHERE namespace = ?1 AND ${givesNow} AND ${anyAvailable})`

/** The next read finds out. */
function noneIfUnknown(error: unknown): [] {
  if (!(error instanceof UnknownOutcome)) throw error
  return []
}
