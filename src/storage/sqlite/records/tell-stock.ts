// What webhooks are told of the stock of a namespace: that it is low, that it is exhausted, that it is refilled. Each
// is told once, in the transaction that brings it about, until the stock is refilled.

import { limits } from '../../../limits.ts'
import type { Statement } from '../database.ts'
import { perDay } from './hours.ts'
import { countStaged, listens, newMessage, stagedColumns, stockIsWatched } from './outbox.ts'
import { expiryThreshold, uncountedRows } from './time.ts'

/**
 * The end of each transaction that may change what is available in a namespace. Why a crossing is told once, however
 * many instances there are: `stock_told` changes in the transaction that tells, and transactions take turns.
 */
export const tellStock = (namespace: string, now: number): Statement[] => {
  const params = [namespace, now]
  return [
    {
      sql: `WITH ${stockNow('pool.namespace = ?1')}
            UPDATE namespaces SET stock_told_before = stock_told, stock_told = found.state, decided_until = found.threshold
            FROM found
            WHERE namespaces.namespace = ?1 AND ${stockIsWatched} AND stock_told IS NOT found.state`,
      params,
    },
    {
      sql: `INSERT INTO deliveries (${stagedColumns})
            SELECT ${newMessage}, hook.id, ?1, told.value, ?2, ${payload}, 'pending', ?2
            FROM (SELECT 1 WHERE changes() > 0)
            CROSS JOIN namespaces AS pool
            CROSS JOIN json_each('["stock.low","stock.exhausted","stock.refilled"]') AS told
            CROSS JOIN webhooks AS hook
            WHERE pool.namespace = ?1 AND ${isTold} AND ${listens('told.value')}`,
      params,
    },
    countStaged,
  ]
}

/** Notes how things stand in all namespaces, before the first webhook that is told: what it is not told is old. */
export const alignStock = (now: number): Statement => ({
  sql: `WITH ${stockNow(`NOT ${stockIsWatched}`, 'NULL')}
        UPDATE namespaces SET stock_told_before = NULL, stock_told = found.state
        FROM found WHERE namespaces.namespace = found.namespace AND stock_told IS NOT found.state`,
  params: [null, now],
})

// What has expired since it was last counted. With a great many, nothing is told until a sweep has counted them.
const expiredSince = `nullif((SELECT count(*) FROM (
  SELECT 1 FROM (${uncountedRows}) LIMIT ${limits.webhooks.expiredMax}
)), ${limits.webhooks.expiredMax})`

/** A hold that has lapsed is held until it is taken back, which tells by itself. */
const available = `(pool.total - pool.matched - pool.held - pool.expired - ${expiredSince})`

/** Stock was never there to be exhausted. */
const isUntouched = `(pool.total = 0 AND NOT EXISTS (
  SELECT 1 FROM items INDEXED BY items_removed_item WHERE namespace = pool.namespace AND deleted_at IS NOT NULL
))`

const stockNow = (condition: string, told = 'stock_told') => `counted AS MATERIALIZED (
    SELECT namespace, ${told} AS told, low_stock_below, ${available} AS available, ${isUntouched} AS untouched,
      ${expiryThreshold} AS threshold
    FROM namespaces AS pool WHERE ${condition}
  ), found AS MATERIALIZED (
    SELECT namespace, threshold, CASE
      WHEN available IS NULL OR untouched THEN told
      WHEN available >= ifnull(low_stock_below, 1) THEN NULL
      WHEN available <= 0 OR told = 'exhausted' THEN 'exhausted'
      ELSE 'low'
    END AS state
    FROM counted
  )`

// Of stock that falls to nothing at once, both is told.
const isTold = `CASE told.value
  WHEN 'stock.low' THEN pool.stock_told IS NOT NULL AND pool.stock_told_before IS NULL AND low_stock_below IS NOT NULL
  WHEN 'stock.exhausted' THEN pool.stock_told IS 'exhausted'
  ELSE pool.stock_told IS NULL
END`

const payload = `json_object(
  'available', ${available}, 'lowStockBelow', low_stock_below,
  'total', pool.total, 'matched', pool.matched, 'held', pool.held,
  'perDay', ${perDay}, 'daysLeft', iif(${available} = 0, 0, round(1.0 * ${available} / nullif(${perDay}, 0), 1))
)`
