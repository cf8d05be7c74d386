import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { namespaceStats } from './schema.ts'

export type Stats = { total: number; matched: number; available: number }
export type NamespaceStats = { namespace: string } & Stats

/** Counts the live items of a namespace, in one snapshot and at the same cost for any number of them. */
export async function countItems(db: Database, namespace: string): Promise<Stats> {
  const query = db.orm.select().from(namespaceStats).where(eq(namespaceStats.namespace, namespace))
  const { total, matched } = (await db.select(query))[0] ?? { total: 0, matched: 0 }
  return { total, matched, available: total - matched }
}

/**
 * One page of the namespaces that have a key or have ever had an item, by name and with their counts, in
 * one snapshot: at most `limit`, those after the name `after`; `next` is the `after` of the page that
 * follows, or null at the end. Reads no items, and of the keys those of the page.
 */
export async function listNamespaces(
  db: Database,
  { after, limit }: { after: string; limit: number },
): Promise<{ page: NamespaceStats[]; next: string | null }> {
  const { rows } = await db.read({ sql: namespacesAfter, params: [after, limit + 1] })
  const page = rows.slice(0, limit).map((row) => {
    const [total, matched] = [Number(row['total']), Number(row['matched'])]
    return { namespace: String(row['namespace']), total, matched, available: total - matched }
  })
  return { page, next: rows.length > limit ? (page.at(-1)?.namespace ?? null) : null }
}

// Both sides of the union come in order from an index, so that it ends at its limit.
const namespacesAfter = `
  WITH named AS (
    SELECT namespace FROM namespace_stats WHERE namespace > ?1
    UNION
    SELECT namespace FROM api_keys WHERE deleted_at IS NULL AND namespace > ?1
    ORDER BY namespace LIMIT ?2
  )
  SELECT namespace, coalesce(total, 0) AS total, coalesce(matched, 0) AS matched
  FROM named LEFT JOIN namespace_stats USING (namespace)
  ORDER BY namespace`
