import type { WriteContext } from '../../../domain/actor.ts'
import type { Confirmation, ConfirmationOutcome } from '../../../domain/match.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { isUniqueViolation } from '../drivers/client.ts'
import { type By, byOf } from '../records/actors.ts'
import { countChanged } from '../records/counts.ts'
import { eventColumns, holdOf } from '../records/events.ts'
import { rollHours } from '../records/hours.ts'
import { recordOrdinal } from '../records/ordinals.ts'
import { tellStock } from '../records/tell-stock.ts'
import { expiryThreshold } from '../records/time.ts'
import type { Assumptions } from './assumptions.ts'
import { holdingOf } from './holding.ts'
import { type Asked, countStanding, keyOf, readKnown } from './known.ts'
import { asMatch, standing, undecided } from './resolve.ts'
import { takeBackThose } from './tidy.ts'

const { rememberedMs } = limits.holds

/**
 * Keeps an item that the requestor holds; or has held and lost as the hold lapsed, if it is available, and the
 * requestor may have it. Throws as `matchBatch` does.
 */
export async function confirm(
  db: Database,
  { namespace, requestor, slot = '', item }: Confirmation,
  context: WriteContext,
  assumptions: Assumptions,
): Promise<ConfirmationOutcome> {
  const { now } = context
  const untilMs = performance.now() + limits.batch.writesMs
  let refused = false
  while (performance.now() < untilMs) {
    const asked = { namespace, slot, requestor: assumptions.compared(namespace, requestor) }
    const known = await readKnown(db, [asked], { now, slots: true })
    if (assumptions.correct(known.namespaces)) continue
    const pool = known.namespaces.get(namespace)
    const held = standing(known.holdings.get(keyOf(asked)), now)
    if (!pool || (held && held.item !== item) || (!held && refused)) return { kind: 'lapsed' }
    if (held && held.heldUntil === null) return asMatch(held, true)
    const by = await byOf(db, context)
    const shown = asked.requestor === requestor ? null : requestor
    const { folded } = pool
    const lapsed = { requestors: [asked.requestor], items: [item] }
    const before = held ? [] : takeBackThose(namespace, now, lapsed)
    const statements = held
      ? confirmHeld(asked, by, item)
      : takeLapsed(asked, { item, shown, folded }, by)
    const first = [...(pool.hourOver ? rollHours([namespace], now) : []), ...before]
    const results = await db.write([...first, ...statements]).catch(noneIfRaceLost)
    const [row] = results[first.length + (held ? 1 : 0)]?.rows ?? []
    if (row) return asMatch(holdingOf(row), true)
    // It may be that another call has kept it, which the next read finds out.
    refused = !held && results.length > 0
  }
  throw undecided()
}

/**
 * The second statement returns what is kept now: nothing if the hold has lapsed, or if it is not of `item`, where that
 * is given; a replacement may have come in between.
 */
export const confirmHeld = (asked: Asked, by: By, item?: string): Statement[] => {
  const held = item === undefined ? isHeld : `${isHeld} AND item = ?7`
  const ofItem = item === undefined ? [] : [item]
  const row = `SELECT * FROM items INDEXED BY items_live_holder_unique WHERE ${held}`
  const { sql, params } = noteConfirmed(asked, by, row, `${holdOf(row)} UNION ALL`)
  return [
    { sql, params: [...params, ...ofItem] },
    {
      sql: `UPDATE items INDEXED BY items_live_holder_unique SET held_until = NULL, ordinal = 0
            WHERE ${held} RETURNING ${returned}`,
      params: [...params.slice(0, item === undefined ? 4 : 6), ...ofItem],
    },
    countChanged(asked.namespace, { held: '-', matched: '+' }),
  ]
}

const returned = 'requestor, slot, item, data, expires_at, matched_at, held_until, replaces'

const isHeld = `namespace = ?1 AND requestor = ?3 AND slot = ?4 AND deleted_at IS NULL
  AND held_until IS NOT NULL AND held_until > ?2`

type Lapsed = { item: string; shown: string | null; folded: boolean }

/** The first statement returns what the requestor has now: nothing if it may not. */
const takeLapsed = (asked: Asked, { item, shown, folded }: Lapsed, by: By): Statement[] => [
  {
    sql: `UPDATE items INDEXED BY items_live_item_unique
          SET requestor = ?3, slot = ?4, requestor_shown = ?6, matched_at = ?2, matched_by = ?7, request_id = ?8,
            ordinal = 0
          WHERE ${mayBeTaken} RETURNING ${returned}`,
    params: [
      asked.namespace,
      by.now,
      asked.requestor,
      asked.slot,
      item,
      shown,
      by.actor,
      by.requestId,
      by.now - rememberedMs,
      folded ? 1 : 0,
    ],
  },
  countChanged(asked.namespace, { matched: '+' }),
  noteConfirmed(
    asked,
    by,
    `SELECT * FROM items INDEXED BY items_live_holder_unique
     WHERE namespace = ?1 AND requestor = ?3 AND slot = ?4 AND deleted_at IS NULL AND changes() > 0`,
  ),
  ...tellStock(asked.namespace, by.now),
]

const mayBeTaken = `namespace = ?1 AND item = ?5 AND deleted_at IS NULL AND requestor IS NULL
  AND EXISTS (
    SELECT 1 FROM namespaces AS pool WHERE namespace = ?1
      AND (ifnull(requestors, 'exact') = 'folded') = ?10
      AND (expires_at IS NULL OR expires_at > ${expiryThreshold})
      AND (${countStanding('?1', '?3')}) < ifnull(pool.items_per_requestor, 1)
  )
  AND EXISTS (
    SELECT 1 FROM events WHERE events.namespace = ?1 AND events.item = ?5 AND item_id = items.id
      AND events.requestor = ?3 AND events.slot = ?4 AND event = 'lapsed' AND at > ?9
  )`

/** `before` is SQL for what is noted besides. */
const noteConfirmed = (
  { namespace, requestor, slot }: Asked,
  by: By,
  row: string,
  before = '',
): Statement => ({
  sql: `INSERT INTO events (${eventColumns})
        ${before}
        SELECT namespace, ?2, 'confirmed', ${recordOrdinal}, id, item, requestor, requestor_shown, slot, ?5, ?6, NULL
        FROM (${row})`,
  params: [namespace, by.now, requestor, slot, by.actor, by.requestId],
})

/** Somebody else has got the slot meanwhile. */
function noneIfRaceLost(error: unknown): [] {
  if (!isUniqueViolation(error)) throw error
  return []
}
