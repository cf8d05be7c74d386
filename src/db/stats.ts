import type { Database, Statement } from './database.ts'

export type Stats = { total: number; matched: number; available: number }

/** Counts the live items of a namespace, in one snapshot. */
export async function countItems(db: Database, namespace: string): Promise<Stats> {
  const { rows } = await db.read(statsQuery(namespace))
  const total = Number(rows[0]?.['total'])
  const matched = Number(rows[0]?.['matched'])
  return { total, matched, available: total - matched }
}

/** Two counts that each read one index and no row. */
export const statsQuery = (namespace: string): Statement => ({
  sql: `SELECT
          (SELECT count(*) FROM items WHERE namespace = ?1 AND deleted_at IS NULL) AS total,
          (SELECT count(*) FROM items
            WHERE namespace = ?1 AND deleted_at IS NULL AND requestor IS NOT NULL) AS matched`,
  params: [namespace],
})
