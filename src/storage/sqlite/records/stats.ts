// What the items of a namespace come to, now and over time: read from what is kept, and from no items but those on
// which time has acted since they were counted. In all SQL here, `pool` is a row of `namespaces`, and ?2 the time.

import { type NamespaceStats, runsOutAt } from '../../../domain/namespace.ts'
import {
  historySteps,
  pointsOf,
  type StatsHistoryQuery,
  type StatsPoint,
} from '../../../domain/stats-history.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { numberOrNull } from '../drivers/client.ts'
import { counts, perDay } from './hours.ts'

/** SQL for what `statsOf` reads. */
export const statsColumns = Object.entries({
  ...counts,
  per_day: perDay,
})
  .map(([name, sql]) => `${sql} AS ${name}`)
  .join(',\n  ')

/** A hold that has lapsed is available, unless its item has expired meanwhile, although its row says otherwise. */
export function statsOf(row: Row | undefined, now: number): NamespaceStats {
  const count = (column: string) => Number(row?.[column] ?? 0)
  const [total, matched, perDay] = [count('total'), count('matched'), count('per_day')]
  const held = count('held') - count('lapsed')
  const expired = count('expired') + count('expired_since') + count('lapsed_expired')
  const available = total - matched - held - expired
  const outAt = runsOutAt({ available, perDay, now })
  return { total, matched, available, held, expired, perDay, runsOutAt: outAt }
}

export async function namespaceStats(
  db: Database,
  namespace: string,
  now: number,
): Promise<NamespaceStats> {
  const { rows } = await db.read({
    sql: `SELECT ${statsColumns} FROM namespaces AS pool WHERE namespace = ?1`,
    params: [namespace, now],
  })
  return statsOf(rows[0], now)
}

export async function statsHistory(db: Database, asked: StatsHistoryQuery): Promise<StatsPoint[]> {
  const length = historySteps[asked.step]
  const keptSince = Math.ceil((asked.now - limits.hours.keptMs) / length) * length
  const query = { ...asked, from: Math.max(asked.from, keptSince) }
  const { rows } = await db.read(findHistory(query))
  const [row] = rows
  const hour = Number(row?.['hour'] ?? 0)
  if (row === undefined || hour === 0) return []
  return pointsOf(query, {
    steps: JSON.parse(String(row['steps'])).map(pointOf),
    before: numberOrNull(row['before']),
    current: {
      at: hour,
      added: Number(row['hour_added']),
      matched: Number(row['hour_matched']),
      released: Number(row['hour_released']),
      removed: Number(row['hour_removed']),
      available: statsOf(row, query.now).available,
    },
    since: Number(row['first'] ?? hour),
  })
}

// One row, so that all of it is one snapshot. What was available after a step is that of its last row: with max(at),
// SQLite takes the columns that stand alone from there.
const findHistory = ({ namespace, now, from, to, step }: StatsHistoryQuery): Statement => ({
  sql: `SELECT hour, hour_added, hour_matched, hour_released, hour_removed, ${statsColumns},
          (SELECT at FROM hours WHERE hours.namespace = ?1 ORDER BY at LIMIT 1) AS first,
          (
            SELECT available FROM hours WHERE hours.namespace = ?1 AND at < ?3 ORDER BY at DESC LIMIT 1
          ) AS before,
          (
            SELECT json_group_array(json_array(step, added, matched, released, removed, available)) FROM (
              SELECT at - at % ?5 AS step, max(at), available, sum(added) AS added, sum(matched) AS matched,
                sum(released) AS released, sum(removed) AS removed
              FROM hours WHERE hours.namespace = ?1 AND at >= ?3 AND at < ?4 GROUP BY step
            )
          ) AS steps
        FROM namespaces AS pool WHERE namespace = ?1`,
  params: [namespace, now, from, to, historySteps[step]],
})

type PointRow = readonly [number, number, number, number, number, number]

const pointOf = ([at, added, matched, released, removed, available]: PointRow): StatsPoint => ({
  ...{ at, added, matched, released, removed, available },
})
