// What the time of a request says. In all SQL here, ?2 is the time, and `pool` the row of `namespaces`.

import { hourMs } from '../../../domain/stats-history.ts'

/**
 * SQL for the time until which an expiry counts as passed. It never goes back, although the times of requests do, by
 * the way they take or by the clocks of several instances: what has expired stays so.
 */
export const expiryThreshold =
  'max(?2 + 1000 * ifnull(pool.expiry_margin_seconds, 0), pool.decided_until)'

/** SQL for the beginning of the hour, in UTC. */
export const currentHour = `(?2 - ?2 % ${hourMs})`

/** SQL for whether an hour has begun since the last change. It never goes back, as the times of requests do. */
export const hourIsOver = `pool.hour < ${currentHour}`

/** SQL for the rows of holds that have lapsed and were not taken back, behind SELECT. */
export const lapsedRows = `FROM items INDEXED BY items_held
  WHERE namespace = pool.namespace AND deleted_at IS NULL AND held_until IS NOT NULL AND held_until <= ?2`
