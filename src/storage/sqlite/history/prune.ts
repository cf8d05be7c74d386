import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'

const { stepRows } = limits.history

/**
 * Deletes from `changes` and `events` what happened before a time, a bounded number of rows, and returns whether more may be left. The
 * last row of each table stays: by the highest ids goes the order of what is recorded (`ordinals.ts`).
 */
export async function pruneHistory(db: Database, before: number): Promise<boolean> {
  const { rows } = await db.read({
    sql: `SELECT EXISTS (${oldIn('changes')}) OR EXISTS (${oldIn('events')}) AS found`,
    params: [before, stepRows],
  })
  if (rows[0]?.['found'] !== 1) return false
  await db.write(['changes', 'events'].map((table) => pruneStep(table, before)))
  return true
}

const pruneStep = (table: string, before: number): Statement => ({
  sql: `DELETE FROM ${table} WHERE id IN (${oldIn(table)})`,
  params: [before, stepRows],
})

/** What was recorded first has the lowest ids, whatever time it is about. */
const oldIn = (table: string) => `
  SELECT id FROM (SELECT id, at FROM ${table} ORDER BY id LIMIT ?2)
  WHERE at < ?1 AND id < (SELECT max(id) FROM ${table})`
