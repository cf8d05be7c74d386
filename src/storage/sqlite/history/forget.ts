import type { WriteContext } from '../../../domain/actor.ts'
import type { Forgetting } from '../../../domain/history.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { takeBackLapsed } from '../matches/tidy.ts'
import { byOf } from '../records/actors.ts'
import { noteChange } from '../records/changes.ts'
import { eventColumns, eventOfChange } from '../records/events.ts'
import { rollHours } from '../records/hours.ts'
import { tellStock } from '../records/tell-stock.ts'
import { assertFolds, foldsRequestors, undefinedIfFoldedSince } from '../stock/namespaces.ts'

const { stepRows } = limits.history

/**
 * Writes another name over a requestor, a bounded number of rows in one transaction. The holds of the requestor lapse
 * now. Why it may break off anywhere: what has the new name by then keeps it, and a repeat does the rest.
 */
export async function forget(
  db: Database,
  { namespace, requestor, as }: Forgetting,
  context: WriteContext,
): Promise<number> {
  const by = await byOf(db, context)
  let forgotten: number | undefined
  for (;;) {
    const folded = await foldsRequestors(db, namespace)
    const compared = folded ? foldRequestor(requestor) : requestor
    const who = [namespace, compared, by.now]
    const { rows } = await db.read({ sql: anyTrace, params: who.slice(0, 2) })
    if (rows[0]?.['found'] !== 1) return forgotten ?? 0
    const results = await db
      .bulkWrite([
        { sql: countItems, params: who },
        assertFolds(namespace, folded),
        ...rollHours([namespace], by.now),
        noteChange({ namespace, kind: 'forgotten', about: as }, by),
        { sql: noteForgotten, params: [...who, stepRows] },
        ...rename([namespace, compared, as], by.now),
        ...takeBackLapsed(namespace, by.now),
        ...tellStock(namespace, by.now),
      ])
      .catch(undefinedIfFoldedSince)
    if (results) forgotten ??= Number(results[0]?.rows[0]?.['items'])
  }
}

// In the SQL below, ?1 is the namespace and ?2 the requestor.
const live = `items INDEXED BY items_live_holder_unique
  WHERE namespace = ?1 AND requestor = ?2 AND deleted_at IS NULL`
const removed = `items INDEXED BY items_removed_requestor
  WHERE namespace = ?1 AND requestor = ?2 AND deleted_at IS NOT NULL`
const inEvents = 'events INDEXED BY events_requestor WHERE namespace = ?1 AND requestor = ?2'

const anyTrace = `SELECT EXISTS (SELECT 1 FROM ${live}) OR EXISTS (SELECT 1 FROM ${removed})
  OR EXISTS (SELECT 1 FROM ${inEvents}) AS found`

/** A hold that has lapsed gave the requestor nothing, also if no row says so yet. */
const notLapsed = 'ifnull(held_until > ?3, 1)'

const countItems = `SELECT count(DISTINCT item) AS items FROM (
  SELECT item FROM ${live} AND ${notLapsed} UNION ALL SELECT item FROM ${removed} AND ${notLapsed}
)`

/** The rows of a step are the first ones by these two indices, of each as many as a step has. */
const liveStep = (limit: string) =>
  `SELECT * FROM (SELECT * FROM ${live} ORDER BY slot LIMIT ${limit})`
const removedStep = (limit: string) =>
  `SELECT * FROM (SELECT * FROM ${removed} ORDER BY id LIMIT ${limit})`

const noteForgotten = `INSERT INTO events (${eventColumns})
  ${eventOfChange(
    'forgotten',
    `SELECT * FROM (${liveStep('?4')} UNION ALL ${removedStep('?4')}) WHERE ${notLapsed}`,
  )}`

function rename(params: readonly string[], now: number): Statement[] {
  const shown = 'requestor = ?3, requestor_shown = NULL'
  const rows = (step: (limit: string) => string): Statement => ({
    sql: `UPDATE items SET ${shown}, held_until = iif(held_until > ?4, ?4, held_until)
          WHERE id IN (SELECT id FROM (${step('?5')}))`,
    params: [...params, now, stepRows],
  })
  return [
    rows(liveStep),
    rows(removedStep),
    {
      sql: `UPDATE events SET ${shown} WHERE id IN (SELECT id FROM ${inEvents} LIMIT ?4)`,
      params: [...params, stepRows],
    },
  ]
}
