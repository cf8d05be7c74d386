import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { namespaceStats } from './schema.ts'

export type Stats = { total: number; matched: number; available: number }

/** Counts the live items of a namespace, in one snapshot and at the same cost for any number of them. */
export async function countItems(db: Database, namespace: string): Promise<Stats> {
  const query = db.orm.select().from(namespaceStats).where(eq(namespaceStats.namespace, namespace))
  const { total, matched } = (await db.select(query))[0] ?? { total: 0, matched: 0 }
  return { total, matched, available: total - matched }
}
