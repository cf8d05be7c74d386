import { limits } from '../../limits.ts'
import type { Database } from './database.ts'

const { keptMs, sweptMax } = limits.idempotency

/** Deletes keys that are no longer known, a bounded number of them, and returns whether there were any. */
export async function deleteOldKeys(db: Database, now: number): Promise<boolean> {
  const before = now - keptMs
  const { rows } = await db.read({ sql: oldKeys, params: [before, 1] })
  if (rows.length > 0) {
    const sql = `DELETE FROM idempotency_keys WHERE id IN (${oldKeys})`
    await db.write([{ sql, params: [before, sweptMax] }])
  }
  return rows.length > 0
}

const oldKeys =
  'SELECT id FROM idempotency_keys INDEXED BY idempotency_keys_at WHERE at <= ?1 LIMIT ?2'
