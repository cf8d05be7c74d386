// What each hour has brought to a namespace, and what was available after it. The hour of the latest change is counted
// in `namespaces` (`counts.ts`); once it is over, its row goes to `hours`. In all SQL here, `pool` is a row of
// `namespaces`, and ?2 the time.

import { hourMs } from '../../../domain/stats-history.ts'
import { limits } from '../../../limits.ts'
import type { Statement } from '../database.ts'
import { currentHour, expiryThreshold, hourIsOver, lapsedRows, uncountedRows } from './time.ts'

/** Kept counts, and what time has changed since: see `statsOf`. */
export const counts = {
  total: 'total',
  matched: 'pool.matched',
  held: 'held',
  expired: 'expired',
  lapsed: `(SELECT count(*) ${lapsedRows})`,
  lapsed_expired: `(SELECT count(*) ${lapsedRows} AND expires_at <= ${expiryThreshold})`,
  expired_since: `(SELECT count(*) FROM (${uncountedRows}))`,
}

/** The oldest hour of a day that ends with the current one. */
const aDayAgo = `(${currentHour} - ${23 * hourMs})`

/** SQL for the new matches of this hour and the 23 before. */
export const perDay = `(iif(pool.hour >= ${aDayAgo}, pool.hour_matched, 0) + (
  SELECT ifnull(sum(hours.matched), 0) FROM hours
  WHERE hours.namespace = pool.namespace AND hours.at >= ${aDayAgo}
))`

/** SQL for what is available. */
const available = `(${counts.total} - ${counts.matched} - ${counts.held} - ${counts.expired}
  + ${counts.lapsed} - ${counts.lapsed_expired} - ${counts.expired_since})`

/**
 * Writes down the hours of these namespaces that are over, unless they have brought nothing and as much is available
 * as after the hour before, and begins the current one. Comes before what changes rows in it. Does nothing where the
 * hour is not over, nor where it is that of a later time: an hour never goes back.
 */
export const rollHours = (namespaces: readonly string[], now: number): Statement[] => {
  const params = [JSON.stringify(namespaces), now]
  return [
    {
      sql: `INSERT INTO hours (namespace, at, added, matched, released, removed, available)
            SELECT * FROM (
              SELECT namespace, hour, hour_added, hour_matched, hour_released, hour_removed, ${available} AS stock
              FROM json_each(?1) AS one CROSS JOIN namespaces AS pool ON namespace = one.value
              WHERE hour > 0 AND ${hourIsOver}
            ) AS ended
            WHERE hour_added + hour_matched + hour_released + hour_removed > 0 OR stock IS NOT (
              SELECT available FROM hours WHERE hours.namespace = ended.namespace ORDER BY at DESC LIMIT 1
            )`,
      params,
    },
    {
      sql: `UPDATE namespaces AS pool SET hour = ${currentHour},
              hour_added = 0, hour_matched = 0, hour_released = 0, hour_removed = 0
            WHERE namespace IN (SELECT value FROM json_each(?1)) AND ${hourIsOver}`,
      params,
    },
  ]
}

/**
 * Deletes hours of these namespaces that are older than what is kept, as many as one step does; but for the latest of
 * them, which says what was available after it.
 */
export const pruneHours = (namespaces: readonly string[], now: number): Statement => ({
  sql: `DELETE FROM hours WHERE rowid IN (
          SELECT old.rowid FROM json_each(?1) AS one CROSS JOIN hours AS old ON old.namespace = one.value
            AND old.at < (SELECT max(at) FROM hours WHERE hours.namespace = one.value AND at <= ?2)
          LIMIT ?3
        )`,
  params: [JSON.stringify(namespaces), now - limits.hours.keptMs, limits.hours.prunedMax],
})
