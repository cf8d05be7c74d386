// What the time of a request says. In all SQL here, ?2 is the time, and `pool` the row of `namespaces`.

import { hourMs } from '../../../domain/stats-history.ts'
import { limits } from '../../../limits.ts'

const thresholdByClock = '?2 + 1000 * ifnull(pool.expiry_margin_seconds, 0)'

/**
 * SQL for the time until which an expiry counts as passed. It never goes back, although the times of requests do, by
 * the way they take or by the clocks of several instances: what has expired stays so.
 */
export const expiryThreshold = `max(${thresholdByClock}, pool.decided_until)`

/** SQL for whether the `expires_at` of a row was counted as passed, in `expired`. */
export const wasCounted = '(expires_at, id) <= (expired_until, expired_id)'

const expiringRows = `SELECT expires_at, id FROM items INDEXED BY items_expiring
  WHERE namespace = pool.namespace AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL`

/**
 * SQL for the rows that have expired and were not counted yet. Two parts, because a comparison of rows would walk all of
 * those that expire at the same time.
 */
export const uncountedRows = `
  ${expiringRows} AND expires_at = pool.expired_until AND id > pool.expired_id AND pool.expired_until <= ${expiryThreshold}
  UNION ALL
  ${expiringRows} AND expires_at > pool.expired_until AND expires_at <= ${expiryThreshold}`

/** SQL for whether what has expired was decided by a clock that was so far ahead that it must have been wrong. */
export const wasDecidedAhead = `pool.decided_until > ${thresholdByClock} + ${limits.sweep.clockLeadMaxMs}`

/** SQL that has what has expired decided anew, and counted, from the head of the queue on. */
export const forgetExpired =
  'expired = 0, expired_until = 0, expired_id = 0, expiring_head = 0, decided_until = 0'

/** SQL for the beginning of the hour, in UTC. */
export const currentHour = `(?2 - ?2 % ${hourMs})`

/** SQL for whether an hour has begun since the last change. It never goes back, as the times of requests do. */
export const hourIsOver = `pool.hour < ${currentHour}`

/** SQL for the rows of holds that have lapsed and were not taken back, behind SELECT. */
export const lapsedRows = `FROM items INDEXED BY items_held
  WHERE namespace = pool.namespace AND deleted_at IS NULL AND held_until IS NOT NULL AND held_until <= ?2`
