import type { WriteContext } from '../../../domain/actor.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { deleteOldKeys } from '../idempotency-keys.ts'
import { pruneHours, rollHours } from '../records/hours.ts'
import { tellStock } from '../records/tell-stock.ts'
import {
  expiryThreshold,
  forgetExpired,
  hourIsOver,
  uncountedRows,
  wasDecidedAhead,
} from '../records/time.ts'
import { anyLapsed, headExpired } from './known.ts'
import { tidy } from './tidy.ts'

const { namespacesMax, expiredMax } = limits.sweep

/**
 * Writes down hours that are over, tidies up the namespaces that need it most, moves the time on until which their
 * expired items are counted, takes back what a clock far ahead has found expired, and deletes idempotency keys that are
 * no longer known.
 */
export async function sweep(db: Database, { now }: WriteContext): Promise<boolean> {
  const rolled = await rollOver(db, now)
  const { rows } = await db.read({ sql: findUntidy, params: [namespacesMax, now] })
  for (const { namespace } of rows) {
    const name = String(namespace)
    await db.write([
      takeBackDecision(name, now),
      ...tidy(name, now, limits.sweep),
      moveHorizon(name, now),
      ...tellStock(name, now),
    ])
  }
  const deleted = await deleteOldKeys(db, now)
  return rolled || rows.length > 0 || deleted
}

async function rollOver(db: Database, now: number): Promise<boolean> {
  const { rows } = await db.read({ sql: findHoursOver, params: [limits.hours.rolledMax, now] })
  if (rows.length === 0) return false
  const names = rows.map(({ namespace }) => String(namespace))
  await db.write([...rollHours(names, now), pruneHours(names, now)])
  return true
}

const findHoursOver = `SELECT namespace FROM namespaces AS pool WHERE ${hourIsOver} LIMIT ?1`

const findUntidy = `SELECT namespace FROM namespaces AS pool
  WHERE ${anyLapsed} OR ${headExpired} OR ${wasDecidedAhead} OR EXISTS (${uncountedRows}) LIMIT ?1`

const takeBackDecision = (namespace: string, now: number): Statement => ({
  sql: `UPDATE namespaces AS pool SET ${forgetExpired} WHERE namespace = ?1 AND ${wasDecidedAhead}`,
  params: [namespace, now],
})

/** Of rows that have expired at the same time, the id decides: a whole import has one expiry. */
const moveHorizon = (namespace: string, now: number): Statement => ({
  sql: `UPDATE namespaces AS pool SET decided_until = ${expiryThreshold}, (expired_until, expired_id, expired) = (
          SELECT ifnull(last.expires_at, ${expiryThreshold}), ifnull(last.id, ${everyId}), pool.expired + passed.count
          FROM (SELECT count(*) AS count FROM (${uncountedRows} LIMIT ?3)) AS passed
          LEFT JOIN (
            ${uncountedRows} ORDER BY expires_at, id LIMIT 1 OFFSET ?3 - 1
          ) AS last
        )
        WHERE namespace = ?1 AND (pool.expired_until, pool.expired_id) < (${expiryThreshold}, ${everyId})`,
  params: [namespace, now, expiredMax],
})
const everyId = Number.MAX_SAFE_INTEGER
